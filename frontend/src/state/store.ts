// Holds the state: get, dispatch, subscribe.
import type { Event } from './events';
import { initialState, reduce, type State } from './reduce';

export interface Store {
  get(): State;
  dispatch(event: Event): void;
  /** Calls the listener at once and after every change. The returned function ends that. */
  subscribe(listener: (state: State) => void): () => void;
}

export function createStore(): Store {
  let state = initialState;
  const listeners = new Set<(state: State) => void>();
  return {
    get: () => state,
    dispatch(event) {
      const next = reduce(state, event);
      if (next === state) return;
      state = next;
      for (const listener of listeners) listener(state);
    },
    subscribe(listener) {
      listeners.add(listener);
      listener(state);
      return () => listeners.delete(listener);
    },
  };
}
