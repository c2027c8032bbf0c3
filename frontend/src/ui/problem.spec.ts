// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from 'vitest';
import { createStore, type Store } from '../state/store';
import { aProblem, aRun } from '../testing/builders';
import { mountProblem } from './problem';

let root: HTMLElement;
let store: Store;

const box = () => {
  const found = root.querySelector<HTMLElement>('[role=alert]');
  if (!found) throw new Error('no alert');
  return found;
};
const texts = (selector: string) =>
  Array.from(box().querySelectorAll(selector), (element) => element.textContent);

beforeEach(() => {
  root = document.createElement('div');
  store = createStore();
  mountProblem(root, store);
});

describe('mountProblem', () => {
  it('is hidden while there is no problem', () => {
    expect(box().hidden).toBe(true);
    store.dispatch({ type: 'run_requested', at: 0 });
    store.dispatch({ type: 'run_accepted', run: aRun(), at: 0 });
    store.dispatch({ type: 'run_ended', run: aRun({ status: 'failed' }) });
    expect(box().hidden).toBe(true);
  });

  it('shows a refusal, with the faults that have no field on the page', () => {
    const errors = [
      { pointer: '/source', detail: 'must not be empty' },
      { pointer: '/limits/wall_seconds', detail: 'is too large' },
      { pointer: '/display', detail: 'is too large' },
      { pointer: '', detail: 'is odd' },
    ];
    const problem = aProblem({
      title: 'Refused',
      detail: '/source must not be empty.',
      request_id: 'r1',
      errors,
    });
    store.dispatch({ type: 'run_refused', problem });
    expect(box().hidden).toBe(false);
    expect(texts('h3')).toEqual(['Refused']);
    expect(texts('li')).toEqual(['display: is too large', 'is odd']);
    expect(texts('p')).toEqual(['Request r1']);
    expect(box().textContent).not.toContain('may or may not be running');
  });

  it('shows the detail of a problem without faults', () => {
    store.dispatch({ type: 'run_refused', problem: aProblem({ detail: 'The queue is full.' }) });
    expect(texts('p')).toEqual(['The queue is full.']);
  });

  it('never takes what the server says for markup', () => {
    store.dispatch({ type: 'run_refused', problem: aProblem({ title: '<b>bold</b>' }) });
    expect(box().querySelector('b')).toBeNull();
  });

  it.each([
    ['unconfirmed', { type: 'run_unconfirmed', problem: aProblem() } as const],
    ['without an answer', { type: 'server_unreachable' } as const],
  ])('says what to do when a submission is %s', (_what, event) => {
    store.dispatch(event);
    expect(box().textContent).toMatch(/may or may not be running.*press Run to submit it again/);
    expect(box().querySelector('a')?.getAttribute('href')).toBe('/api/v1/runs?limit=10');
  });

  it('goes away with the next submission', () => {
    store.dispatch({ type: 'server_unreachable' });
    store.dispatch({ type: 'run_requested', at: 0 });
    expect(box().hidden).toBe(true);
    expect(box().childElementCount).toBe(0);
  });
});
