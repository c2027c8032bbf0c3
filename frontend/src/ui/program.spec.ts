// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { aDraft } from '../domain/draft';
import { createStore, type Store } from '../state/store';
import { aProblem, someBounds } from '../testing/builders';
import { mountProgram, type Program } from './program';

// The large editor needs a real browser; the browser tests have one.
vi.mock('../editor/mount', async () => ({
  mountEditor: (await import('../editor/plain')).mountPlain,
}));

let root: HTMLElement;
let store: Store;
let program: Program;
const onChange = vi.fn();
const onProgramFile = vi.fn();

const find = (selector: string): HTMLElement => {
  const found = root.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
};
const isOpen = () => find('.stdin').hasAttribute('open');
const refuse = (pointer: string, detail: string) => {
  const problem = aProblem({ errors: [{ pointer, detail }] });
  store.dispatch({ type: 'run_refused', problem });
};

beforeEach(() => {
  onChange.mockClear();
  root = document.createElement('div');
  store = createStore();
  program = mountProgram(root, store, aDraft('print(1)'), onChange, onProgramFile);
});

describe('mountProgram', () => {
  it('gives what is in its two fields', () => {
    const draft = { ...aDraft('print(1)'), stdin: 'Ada\n' };
    program = mountProgram(root, store, draft, onChange, onProgramFile);
    expect(program.draft()).toEqual(draft);
  });

  it('tells of changes in either field', () => {
    find('.plain-editor').dispatchEvent(new Event('input'));
    find('#stdin').dispatchEvent(new Event('input'));
    expect(onChange).toHaveBeenCalledTimes(2);
  });

  it('tells whether the program is still the one that was run', () => {
    const editor = find('.plain-editor') as HTMLTextAreaElement;
    const write = (text: string) => {
      editor.value = text;
      editor.dispatchEvent(new Event('input'));
      return store.get().isProgramChanged;
    };
    expect(write('print(2)')).toBe(false);
    program.rememberRun();
    expect(write('print(3)')).toBe(true);
    expect(write('print(2)')).toBe(false);
  });

  it('opens the standard input when the draft has some', () => {
    expect(isOpen()).toBe(false);
    root.replaceChildren();
    mountProgram(root, store, { ...aDraft(''), stdin: 'x' }, onChange, onProgramFile);
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

  it('shows the limits of the installation, and a fault at its option', () => {
    store.dispatch({ type: 'bounds_read', bounds: someBounds });
    expect(find('#option-memory_mib').getAttribute('placeholder')).toBe('256');
    refuse('/limits/memory_mib', 'must be between 64 and 1024 MiB');
    expect(find('#option-memory_mib-error').textContent).toMatch(/between 64 and 1024/);
  });

  it('clears the faults with the next submission', () => {
    refuse('/source', 'must not be empty');
    store.dispatch({ type: 'run_requested', at: 0 });
    expect(find('#source-error').hidden).toBe(true);
    expect(find('.plain-editor').getAttribute('aria-invalid')).toBe('false');
  });
});
