// @vitest-environment jsdom
import { beforeEach, expect, it, vi } from 'vitest';
import { OutputLog } from '../domain/output-log';
import type { Run } from '../domain/run';
import { createStore, type Store } from '../state/store';
import { aRun, aSetting } from '../testing/builders';
import { mountOutputTools, type OutputTools } from './output-tools';

let store: Store;
let output: OutputLog;
let rows: HTMLElement;
let tools: OutputTools;
const writeText = vi.fn().mockResolvedValue(undefined);

const button = (name: string) =>
  Array.from(tools.root.querySelectorAll('button')).find(
    ({ hidden, textContent }) => !hidden && textContent === name,
  );
const print = (text: string) => {
  output.append({ stream: 'stdout', text, notice: null });
  output.work(() => true);
  tools.update();
};
const finish = (stdout_bytes: number, stderr_bytes: number) => {
  const run: Run = aRun({ output: { ...aRun().output, stdout_bytes, stderr_bytes } });
  store.dispatch({ type: 'run_requested', at: 0 });
  store.dispatch({ type: 'run_accepted', run, at: 0 });
  store.dispatch({ type: 'run_ended', run });
  tools.update();
};
const saved = vi.fn();

beforeEach(() => {
  saved.mockClear();
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    saved(this.getAttribute('href'), this.download);
  });
  Object.defineProperty(navigator, 'clipboard', { value: { writeText }, configurable: true });
  store = createStore();
  output = new OutputLog();
  rows = document.createElement('div');
  tools = mountOutputTools(rows, store, output, aSetting(true), ({ id }) => `/runs/${id}`, vi.fn());
});

it('wraps lines, and does not', () => {
  expect(rows.classList.contains('is-unwrapped')).toBe(false);
  button('Wrap lines')?.click();
  expect(rows.classList.contains('is-unwrapped')).toBe(true);
  expect(button('Wrap lines')?.getAttribute('aria-pressed')).toBe('false');
});

it('copies what is shown', () => {
  print('\x1b[31mred\x1b[0m\nlast');
  button('Copy all')?.click();
  expect(writeText).toHaveBeenCalledWith('red\nlast\n');
});

it('saves the bytes of a finished run, those of each stream', () => {
  button('Save output')?.click();
  expect(button('Save output')?.getAttribute('aria-disabled')).toBe('true');
  expect(saved).not.toHaveBeenCalled();
  finish(3, 0);
  button('Save output')?.click();
  expect(saved).toHaveBeenLastCalledWith(`/runs/${aRun().id}/stdout`, 'stdout.txt');
  finish(3, 5);
  button('Save stderr')?.click();
  expect(saved).toHaveBeenLastCalledWith(`/runs/${aRun().id}/stderr`, 'stderr.txt');
  finish(0, 5);
  button('Save stdout')?.click();
  expect(saved).toHaveBeenCalledTimes(2);
});

it('clears what is there', () => {
  print('old\n');
  button('Clear')?.click();
  tools.update();
  expect(output.isEmpty).toBe(true);
  expect(output.isCleared).toBe(true);
  expect(button('Clear')?.getAttribute('aria-disabled')).toBe('true');
  print('new\n');
  expect(output.text()).toBe('new\n');
});
