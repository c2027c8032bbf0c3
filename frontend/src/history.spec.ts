import { beforeEach, expect, it } from 'vitest';
import { aDraft } from './domain/draft';
import { createHistory, mostCharacters, mostRuns, type History } from './history';
import { createShelf, type Shelf } from './storage';
import { aRun } from './testing/builders';

let shelf: Shelf;
let time: number;
let roomFor: number;
let history: History;

const size = (of: Shelf) => of.keys('').reduce((sum, key) => sum + (of.read(key)?.length ?? 0), 0);

beforeEach(() => {
  const inner = createShelf(null);
  time = 0;
  roomFor = Infinity;
  shelf = {
    ...inner,
    isLasting: true,
    write(key, text) {
      const after = size(inner) - (inner.read(key)?.length ?? 0) + (text?.length ?? 0);
      return (text === null || after <= roomFor) && inner.write(key, text);
    },
  };
  history = createHistory(shelf, () => (time += 1));
});

const add = (id: string, source = 'print(1)') =>
  history.add(aRun({ id }), 'main.py', aDraft(source));

it('lists the runs, the newest first, with how they ended', () => {
  add('01a', '# about\nimport pandas as pd\n\nprint(pd)\n');
  add('01b');
  const timings = { queued_ms: null, startup_ms: null, wall_ms: 1_200, cpu_ms: null };
  history.note(aRun({ id: '01a', status: 'failed', timings }));
  expect(history.list()).toMatchObject([
    { id: '01b', status: 'queued', wallMs: null },
    { id: '01a', status: 'failed', wallMs: 1_200, title: 'print(pd)', name: 'main.py' },
  ]);
  expect(history.find('01b')?.draft?.source).toBe('print(1)');
});

it('does not take up a run that was only looked at', () => {
  history.note(aRun({ id: '01a', status: 'failed' }));
  expect(history.list()).toEqual([]);
});

it('removes and restores', () => {
  add('01a');
  add('01b');
  const all = history.list();
  history.remove(all);
  expect(history.list()).toEqual([]);
  history.restore(all);
  expect(history.list()).toEqual(all);
});

it('keeps so many runs and no more', () => {
  for (let i = 0; i < mostRuns + 3; i += 1) add(`01${String(i).padStart(4, '0')}`);
  expect(history.list()).toHaveLength(mostRuns);
  expect(history.list().at(-1)?.id).toBe('010003');
});

it('keeps so much of their programs and no more, the newest first', () => {
  const source = 'x'.repeat(mostCharacters / 4);
  for (const id of ['01a', '01b', '01c', '01d', '01e']) add(id, source);
  expect(history.list().map(({ draft }) => draft !== null)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
  expect(size(shelf)).toBeLessThan(mostCharacters);
});

it('makes room by forgetting the oldest programs, then the oldest runs', () => {
  add('01a', 'x'.repeat(3_000));
  add('01b', 'x'.repeat(3_000));
  roomFor = 7_000;
  expect(add('01c', 'x'.repeat(3_000))).toBe(true);
  expect(history.list().map(({ draft }) => draft !== null)).toEqual([true, true, false]);
  expect(history.makeRoom()).toBe(true);
  expect(history.makeRoom()).toBe(true);
  expect(history.makeRoom()).toBe(true);
  expect(history.list()).toHaveLength(2);
});

it('says when there is no room', () => {
  roomFor = 10;
  expect(add('01a')).toBe(false);
  expect(history.list()).toEqual([]);
});

it.each(['{', '7', '{"id":"01a","status":"odd"}', '{"id":"<b>","status":"failed"}'])(
  'ignores the unreadable %s',
  (text) => {
    shelf.write('oneshot.run.01a', text);
    expect(history.list()).toEqual([]);
  },
);

it('reads what is left of an entry that someone has changed', () => {
  shelf.write('oneshot.run.01a', '{"id":"01a","status":"failed","wallMs":"long","draft":7}');
  expect(history.list()).toMatchObject([{ id: '01a', wallMs: null, draft: null, title: '' }]);
});
