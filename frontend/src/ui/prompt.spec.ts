// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OutputLog } from '../domain/output-log';
import { createStore } from '../state/store';
import { aRun } from '../testing/builders';
import { mountPrompt } from './prompt';

const onSend = vi.fn<(line: string) => Promise<boolean>>();
const onEnd = vi.fn<() => Promise<boolean>>();
let root: HTMLElement;
let store: ReturnType<typeof createStore>;
let output: OutputLog;

const find = (selector: string): HTMLElement => {
  const found = root.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
};
const isShown = () => !find('form').hidden;
const input = () => find('input') as HTMLInputElement;
const print = (text: string) => {
  output.append({ stream: 'stdout', text, notice: null });
};
const start = (changes = {}) => {
  const run = aRun({ status: 'running', stdin_open: true, ...changes });
  store.dispatch({ type: 'run_accepted', run, at: 0 });
};
const submit = () => {
  find('form').dispatchEvent(new Event('submit', { cancelable: true }));
};

beforeEach(() => {
  vi.useFakeTimers();
  onSend.mockReset().mockResolvedValue(true);
  onEnd.mockReset().mockResolvedValue(true);
  root = document.createElement('section');
  document.body.replaceChildren(root);
  store = createStore();
  output = new OutputLog();
  mountPrompt(root, store, output, { onSend, onEnd });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('mountPrompt', () => {
  it('is there as soon as the program asks, and takes the focus', () => {
    start();
    expect(isShown()).toBe(false);
    print('name? ');
    expect(isShown()).toBe(true);
    expect(document.activeElement).toBe(input());
    expect(find('[role=status]').textContent).toBe('The program waits for input.');
  });

  it('is there when the program has been silent for a moment', () => {
    start();
    print('line\n');
    vi.advanceTimersByTime(699);
    print('line\n');
    vi.advanceTimersByTime(699);
    expect(isShown()).toBe(false);
    vi.advanceTimersByTime(1);
    expect(isShown()).toBe(true);
  });

  it('leaves the focus to who writes', () => {
    const other = document.createElement('textarea');
    document.body.append(other);
    other.focus();
    start();
    print('name? ');
    expect(document.activeElement).toBe(other);
  });

  it('is never there for a run that takes no input', () => {
    start({ stdin_open: false });
    print('name? ');
    vi.advanceTimersByTime(10_000);
    expect(isShown()).toBe(false);
  });

  it('sends a line, and stays', async () => {
    start();
    print('name? ');
    input().value = 'Ada';
    submit();
    expect(onSend).toHaveBeenCalledWith('Ada');
    await vi.advanceTimersByTimeAsync(0);
    expect([input().value, isShown()]).toEqual(['', true]);
  });

  it('keeps what could not be sent', async () => {
    onSend.mockResolvedValue(false);
    start();
    print('name? ');
    input().value = 'Ada';
    submit();
    await vi.advanceTimersByTimeAsync(0);
    expect(input().value).toBe('Ada');
  });

  it('sends what was typed before the end of the input', async () => {
    start();
    print('name? ');
    input().value = 'Ada';
    input().dispatchEvent(new KeyboardEvent('keydown', { key: 'd', ctrlKey: true }));
    await vi.advanceTimersByTimeAsync(0);
    expect(onSend).toHaveBeenCalledWith('Ada');
    expect(onEnd).toHaveBeenCalledOnce();
  });

  it('goes with the end of the input and of the run', () => {
    start();
    print('name? ');
    store.dispatch({ type: 'input_ended' });
    expect(isShown()).toBe(false);
    start();
    print('? ');
    expect(isShown()).toBe(true);
    store.dispatch({ type: 'run_ended', run: aRun({ status: 'succeeded' }) });
    expect(isShown()).toBe(false);
  });
});
