// @vitest-environment jsdom
import { beforeEach, expect, it, vi } from 'vitest';
import { createStore, type Store } from '../state/store';
import { mountToast } from './toast';

let root: HTMLElement;
let store: Store;
let unmount: () => void;

const box = () => root.querySelector('[role=status]');
const show = (text: string) => {
  store.dispatch({ type: 'notice_shown', text });
};

beforeEach(() => {
  vi.useFakeTimers();
  root = document.createElement('div');
  store = createStore();
  unmount = mountToast(root, store);
});

it('shows a notice for a while', () => {
  show('Saved.');
  expect(box()?.textContent).toBe('Saved.');
  expect(box()?.classList).toContain('is-shown');
  vi.runAllTimers();
  expect(box()?.textContent).toBe('');
  expect(box()?.classList).not.toContain('is-shown');
  expect(store.get().notice).toBeNull();
});

it('shows a notice for its whole time although another one came before it', () => {
  show('one');
  vi.advanceTimersByTime(3_000);
  show('two');
  vi.advanceTimersByTime(3_000);
  expect(box()?.textContent).toBe('two');
  vi.runAllTimers();
  expect(store.get().notice).toBeNull();
});

it('goes away with its timer', () => {
  show('late');
  unmount();
  expect(vi.getTimerCount()).toBe(0);
  expect(box()).toBeNull();
});
