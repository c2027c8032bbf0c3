import { expect, it, vi } from 'vitest';
import { createStore } from './store';

it('tells a listener the state at once and after every change', () => {
  const store = createStore();
  const listener = vi.fn();
  store.subscribe(listener);
  store.dispatch({ type: 'server_unreachable' });
  expect(listener.mock.calls).toEqual([
    [expect.objectContaining({ phase: { kind: 'idle' } })],
    [expect.objectContaining({ phase: { kind: 'unreachable' } })],
  ]);
  expect(store.get().phase.kind).toBe('unreachable');
});

it('tells nothing when an event changes nothing', () => {
  const store = createStore();
  const listener = vi.fn();
  store.subscribe(listener);
  store.dispatch({ type: 'stop_failed' });
  expect(listener).toHaveBeenCalledTimes(1);
});

it('tells nothing to a listener that has unsubscribed', () => {
  const store = createStore();
  const listener = vi.fn();
  store.subscribe(listener)();
  store.dispatch({ type: 'server_unreachable' });
  expect(listener).toHaveBeenCalledTimes(1);
});
