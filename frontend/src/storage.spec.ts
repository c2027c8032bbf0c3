import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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

const draft = (source: string) => ({ source, stdin: '' });
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
