// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createStore, type Store } from '../state/store';
import { aProblem } from '../testing/builders';
import { mountProgram, type Program } from './program';

// The large editor needs a real browser; the browser tests have one.
vi.mock('../editor/mount', async () => ({
  mountEditor: (await import('../editor/plain')).mountPlain,
}));

let root: HTMLElement;
let store: Store;
let program: Program;
const onChange = vi.fn();

const find = (selector: string): HTMLElement => {
  const found = root.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
};
const isOpen = () => find('details').hasAttribute('open');
const refuse = (pointer: string, detail: string) => {
  const problem = aProblem({ errors: [{ pointer, detail }] });
  store.dispatch({ type: 'run_refused', problem });
};

beforeEach(() => {
  onChange.mockClear();
  root = document.createElement('div');
  store = createStore();
  program = mountProgram(root, store, { source: 'print(1)', stdin: '' }, onChange);
});

describe('mountProgram', () => {
  it('gives what is in its two fields', () => {
    program = mountProgram(root, store, { source: 'print(1)', stdin: 'Ada\n' }, onChange);
    expect(program.submission()).toEqual({ source: 'print(1)', stdin: 'Ada\n' });
  });

  it('tells of changes in either field', () => {
    find('.plain-editor').dispatchEvent(new Event('input'));
    find('#stdin').dispatchEvent(new Event('input'));
    expect(onChange).toHaveBeenCalledTimes(2);
  });

  it('opens the standard input when the draft has some', () => {
    expect(isOpen()).toBe(false);
    root.replaceChildren();
    mountProgram(root, store, { source: '', stdin: 'x' }, onChange);
    expect(isOpen()).toBe(true);
  });

  it('shows a fault of the program at the editor', () => {
    refuse('/source', 'has 9 bytes; the limit is 8');
    expect(find('#source-error').textContent).toBe('The program has 9 bytes; the limit is 8.');
    expect(find('.plain-editor').getAttribute('aria-invalid')).toBe('true');
    expect(find('#stdin').getAttribute('aria-invalid')).toBe('false');
  });

  it('shows a fault of the standard input there, and opens it', () => {
    refuse('/stdin', 'has 9 bytes; the limit is 8');
    expect(find('#stdin-error').textContent).toMatch(/^The standard input has 9 bytes/);
    expect(find('#stdin').getAttribute('aria-invalid')).toBe('true');
    expect(isOpen()).toBe(true);
  });

  it('clears the faults with the next submission', () => {
    refuse('/source', 'must not be empty');
    store.dispatch({ type: 'run_requested', at: 0 });
    expect(find('#source-error').hidden).toBe(true);
    expect(find('.plain-editor').getAttribute('aria-invalid')).toBe('false');
  });
});
