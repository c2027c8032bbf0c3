import { beforeEach, describe, expect, it } from 'vitest';
import { aDraft } from './domain/draft';
import { createDrafts, type DraftSurroundings, type StoredChange } from './drafts';
import { createShelf, type Shelf } from './storage';

const example = aDraft('example');

/** What another tab would hear of each write. */
let changes: StoredChange[];
let browser: Shelf;
let hasRoom: boolean;
let time: number;

beforeEach(() => {
  const inner = createShelf(null);
  changes = [];
  hasRoom = true;
  time = 0;
  browser = {
    ...inner,
    isLasting: true,
    write(key, text) {
      if (text !== null && !hasRoom) return false;
      changes.push({ key, oldValue: inner.read(key), newValue: text });
      return inner.write(key, text);
    },
  };
});

let ids = 0;
const open = (tab = createShelf(null), more: Partial<DraftSurroundings> = {}) =>
  createDrafts({
    tab,
    browser,
    now: () => (time += 1),
    newId: () => `id${(ids += 1)}`,
    makeRoom: () => false,
    example,
    ...more,
  });
const names = () =>
  open()
    .list()
    .map(({ name }) => name);

describe('drafts of one tab', () => {
  it('begin with the example, which is kept only when it is changed', () => {
    const drafts = open();
    expect(drafts.current()).toMatchObject({ source: 'example', name: 'main.py' });
    expect(drafts.save(example)).toBe('kept');
    expect(browser.keys('')).toEqual([]);
    expect(drafts.save(aDraft('changed'))).toBe('kept');
    expect(open().current()).toMatchObject({ source: 'changed', name: 'main.py' });
  });

  it('come back with the tab, kept or not', () => {
    const tab = createShelf(null);
    const drafts = open(tab);
    drafts.save(aDraft('kept'));
    drafts.begin('other.py', aDraft('only looked at'));
    expect(open(tab).current()).toMatchObject({ name: 'other.py', source: 'only looked at' });
    expect(open().current()).toMatchObject({ source: 'kept' });
  });

  it('have names of their own', () => {
    const drafts = open();
    drafts.save(aDraft('one'));
    drafts.begin('main.py', aDraft(''));
    drafts.save(aDraft('two'));
    drafts.begin('main.py', aDraft(''));
    drafts.save(aDraft('three'));
    expect(names()).toEqual(['main-3.py', 'main-2.py', 'main.py']);
    drafts.rename(drafts.current().id, 'main.py');
    expect(drafts.current().name).toBe('main-3.py');
    drafts.rename(drafts.current().id, 'a/b:c\u0000.py');
    expect(drafts.current().name).toBe('a b c .py');
  });

  it('are opened, removed and restored', () => {
    const drafts = open();
    drafts.save(aDraft('one'));
    const one = drafts.current();
    drafts.begin('two.py', aDraft(''));
    drafts.save(aDraft('two'));
    drafts.remove(one.id);
    expect(names()).toEqual(['two.py']);
    drafts.restore(one);
    drafts.open(one);
    expect(drafts.current()).toEqual(one);
    expect(names()).toEqual(['two.py', 'main.py']);
  });

  it('stay in the tab where the browser has no room, and say so', () => {
    hasRoom = false;
    const tab = createShelf(null);
    const drafts = open(tab);
    expect(drafts.save(aDraft('changed'))).toBe('fleeting');
    expect(drafts.save(aDraft('changed'))).toBe('fleeting');
    expect(open(tab).current().source).toBe('changed');
    hasRoom = true;
    expect(drafts.save(aDraft('changed'))).toBe('kept');
  });

  it('may have something else make room', () => {
    hasRoom = false;
    const drafts = open(undefined, { makeRoom: () => (hasRoom = true) });
    expect(drafts.save(aDraft('changed'))).toBe('kept');
  });

  it('do not last where the browser forbids storage', () => {
    const drafts = open(undefined, { browser: createShelf(null) });
    expect(drafts.save(aDraft('x'))).toBe('fleeting');
    expect(drafts.save(aDraft('x'))).toBe('fleeting');
  });

  it('keep their options, without what does not fit', () => {
    const options = { args: '--fast', outputs: '*.csv', limits: { memory_mib: 512 } };
    const drafts = open();
    drafts.save({ ...aDraft('x'), options });
    expect(open().current().options).toEqual(options);
    const broken = { args: 1, limits: { memory_mib: 'much', cpu_seconds: 5, other: 1 } };
    const key = `oneshot.draft.${drafts.current().id}`;
    browser.write(key, JSON.stringify({ ...drafts.current(), options: broken }));
    expect(open().current().options).toEqual({ args: '', outputs: '', limits: { cpu_seconds: 5 } });
  });

  it.each(['{', 'null', '{"source":1,"stdin":""}', '{"id":"../x","source":"","stdin":""}'])(
    'ignore the unreadable %s',
    (text) => {
      browser.write('oneshot.draft.x', text);
      expect(open().list()).toHaveLength(1);
      expect(open().current().source).toBe('example');
    },
  );
});

describe('the only draft of an earlier version', () => {
  const old = (source: string) => JSON.stringify({ source, stdin: '' });

  it('becomes the first of the drafts', () => {
    browser.write('oneshot.draft', old('old'));
    expect(open().current()).toMatchObject({ source: 'old', name: 'main.py' });
    expect(browser.read('oneshot.draft')).toBeNull();
    expect(names()).toEqual(['main.py']);
  });

  it('becomes one more where a tab has another', () => {
    browser.write('oneshot.draft', old('newest'));
    const tab = createShelf(null);
    tab.write('oneshot.draft', old("the tab's own"));
    expect(open(tab).current()).toMatchObject({ source: "the tab's own", name: 'main-2.py' });
    expect(names().sort()).toEqual(['main-2.py', 'main.py']);
  });

  it('stays where there is no room to move it', () => {
    browser.write('oneshot.draft', old('old'));
    hasRoom = false;
    open();
    expect(browser.read('oneshot.draft')).toBe(old('old'));
  });
});

describe('two tabs with the same draft', () => {
  const both = () => {
    const one = open();
    one.save(aDraft('first'));
    const two = open();
    changes = [];
    return [one, two] as const;
  };
  const heard = () => changes.splice(0)[0] ?? { key: null, oldValue: null, newValue: null };

  it('follow each other', () => {
    const [one, two] = both();
    one.save(aDraft('second'));
    expect(two.hearOf(heard(), aDraft('first'))).toBe('followed');
    expect(two.current().source).toBe('second');
    two.save(aDraft('third'));
    expect(one.hearOf(heard(), aDraft('second'))).toBe('followed');
    expect(one.current().source).toBe('third');
  });

  it('part when one hears of a change while it has its own', () => {
    const [one, two] = both();
    one.save(aDraft('of one'));
    expect(two.hearOf(heard(), aDraft('of two'))).toBe('parted');
    expect(two.current()).toMatchObject({ source: 'of two', name: 'main-2.py' });
    expect(names().sort()).toEqual(['main-2.py', 'main.py']);
  });

  it('part when one saves before it hears', () => {
    const [one, two] = both();
    one.save(aDraft('of one'));
    expect(two.save(aDraft('of two'))).toBe('parted');
    const sources = open().list();
    expect(sources.map(({ source }) => source).sort()).toEqual(['of one', 'of two']);
  });

  it('part when one was written over unseen', () => {
    const [one, two] = both();
    const key = `oneshot.draft.${one.current().id}`;
    const before = browser.read(key);
    one.save(aDraft('of one'));
    const newValue = JSON.stringify({ ...two.current(), source: 'of two' });
    browser.write(key, newValue);
    expect(one.hearOf({ key, oldValue: before, newValue }, aDraft('of one'))).toBe('parted');
    const sources = open().list();
    expect(sources.map(({ source }) => source).sort()).toEqual(['of one', 'of two']);
  });

  it('catch up after a time without events', () => {
    const [one, two] = both();
    one.save(aDraft('second'));
    expect(two.catchUp(aDraft('first'))).toBe('followed');
    expect(two.catchUp(aDraft('second'))).toBe('nothing');
  });

  it('keep what the other one removes', () => {
    const [one, two] = both();
    one.remove(one.current().id);
    expect(two.hearOf(heard(), aDraft('first'))).toBe('nothing');
    expect(two.save(aDraft('changed'))).toBe('kept');
    expect(names()).toEqual(['main.py']);
  });

  it('hear nothing of other drafts', () => {
    const [one, two] = both();
    one.begin('other.py', aDraft(''));
    one.save(aDraft('other'));
    expect(two.hearOf(heard(), aDraft('first'))).toBe('nothing');
  });

  it('may go on with a copy, which is kept only when it is changed', () => {
    const [, two] = both();
    two.part(aDraft('first'));
    expect(two.current()).toMatchObject({ source: 'first', name: 'main-2.py' });
    expect(names()).toEqual(['main.py']);
    two.save(aDraft('changed'));
    expect(names()).toEqual(['main-2.py', 'main.py']);
  });
});
