import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { aDraft } from './domain/draft';
import { createDrafts, storageOf } from './storage';

class MemoryStorage implements Storage {
  readonly #items = new Map<string, string>();
  get length() {
    return this.#items.size;
  }
  clear() {
    this.#items.clear();
  }
  getItem(key: string) {
    return this.#items.get(key) ?? null;
  }
  key(index: number) {
    return [...this.#items.keys()][index] ?? null;
  }
  removeItem(key: string) {
    this.#items.delete(key);
  }
  setItem(key: string, value: string) {
    this.#items.set(key, value);
  }
}

class ForbiddenStorage extends MemoryStorage {
  override getItem(): never {
    throw new DOMException('forbidden', 'SecurityError');
  }
  override setItem(): never {
    throw new DOMException('full', 'QuotaExceededError');
  }
}

const draft = aDraft;
let browser: Storage;

beforeEach(() => {
  browser = new MemoryStorage();
});

describe('createDrafts', () => {
  it('gives each tab its own draft back', () => {
    const [one, two] = [new MemoryStorage(), new MemoryStorage()];
    createDrafts(one, browser).save(draft('one'));
    createDrafts(two, browser).save(draft('two'));
    expect(createDrafts(one, browser).load()?.source).toBe('one');
    expect(createDrafts(two, browser).load()?.source).toBe('two');
  });

  it('starts a new tab with the newest draft', () => {
    createDrafts(new MemoryStorage(), browser).save(draft('newest'));
    expect(createDrafts(new MemoryStorage(), browser).load()?.source).toBe('newest');
  });

  it.each<[string, Storage | null]>([
    ['absent', null],
    ['forbidden or full', new ForbiddenStorage()],
  ])('works without storage (%s) and admits it', (_what, storage) => {
    const drafts = createDrafts(storage, storage);
    expect(drafts.save(draft('x'))).toBe(false);
    expect(drafts.load()).toBeNull();
    expect(drafts.rememberedRun()).toBeNull();
  });

  it.each(['{', 'null', '{"source":1,"stdin":""}'])('ignores the unreadable draft %s', (text) => {
    browser.setItem('oneshot.draft', text);
    expect(createDrafts(null, browser).load()).toBeNull();
  });

  it('keeps the options, and leaves out of them what does not fit', () => {
    const drafts = createDrafts(null, browser);
    const options = { args: '--fast', limits: { memory_mib: 512 } };
    drafts.save({ ...draft('x'), options });
    expect(drafts.load()?.options).toEqual(options);
    const broken = { args: 1, limits: { memory_mib: 'much', cpu_seconds: 5, other: 1 } };
    browser.setItem('oneshot.draft', JSON.stringify({ ...draft('x'), options: broken }));
    expect(drafts.load()?.options).toEqual({ args: '', limits: { cpu_seconds: 5 } });
    browser.setItem('oneshot.draft', '{"source":"old","stdin":""}');
    expect(drafts.load()).toEqual(draft('old'));
  });

  it('remembers the run of this tab until it is told to forget', () => {
    const drafts = createDrafts(new MemoryStorage(), browser);
    drafts.rememberRun('01j');
    expect(drafts.rememberedRun()).toBe('01j');
    drafts.rememberRun(null);
    expect(drafts.rememberedRun()).toBeNull();
  });
});

describe('storageOf', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('gives the storage of the browser', () => {
    vi.stubGlobal('window', { localStorage: browser });
    expect(storageOf('localStorage')).toBe(browser);
  });

  it('gives none where the browser forbids even to look', () => {
    const forbidden = {
      get sessionStorage() {
        throw new DOMException('forbidden', 'SecurityError');
      },
    };
    vi.stubGlobal('window', forbidden);
    expect(storageOf('sessionStorage')).toBeNull();
  });
});
