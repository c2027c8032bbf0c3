// @vitest-environment jsdom
import { beforeEach, expect, it, vi } from 'vitest';
import { createStore, type Store } from '../state/store';
import { aRun } from '../testing/builders';
import { describeShortcuts } from './shortcuts';
import { mountToolbar } from './toolbar';

let root: HTMLElement;
let store: Store;
const onRun = vi.fn();
const onStop = vi.fn();

const button = (name: 'run' | 'stop') => {
  const found = root.querySelector<HTMLButtonElement>(`button.${name}`);
  if (!found) throw new Error(`no ${name} button`);
  return found;
};
const off = () => [
  button('run').getAttribute('aria-disabled'),
  button('stop').getAttribute('aria-disabled'),
];

beforeEach(() => {
  root = document.createElement('div');
  store = createStore();
  mountToolbar(root, store, { shortcuts: describeShortcuts('Linux'), onRun, onStop });
});

it('offers Run or Stop, and neither while stopping', () => {
  expect(off()).toEqual(['false', 'true']);
  store.dispatch({ type: 'run_requested', at: 0 });
  store.dispatch({ type: 'run_accepted', run: aRun(), at: 0 });
  expect(off()).toEqual(['true', 'false']);
  store.dispatch({ type: 'stop_requested' });
  expect(off()).toEqual(['true', 'true']);
  expect(button('stop').textContent).toBe('Stopping…');
  store.dispatch({ type: 'run_ended', run: aRun({ status: 'cancelled' }) });
  expect(off()).toEqual(['false', 'true']);
});

it('never disables a button, which would drop the focus of the keyboard', () => {
  store.dispatch({ type: 'run_requested', at: 0 });
  expect(button('run').disabled).toBe(false);
  expect(button('stop').disabled).toBe(false);
});

it('passes presses on and names the keys', () => {
  button('run').click();
  button('stop').click();
  expect(onRun).toHaveBeenCalledTimes(1);
  expect(onStop).toHaveBeenCalledTimes(1);
  expect(button('run').getAttribute('aria-keyshortcuts')).toBe('Control+Enter');
});
