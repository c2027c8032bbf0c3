// What a browser keeps, behind an interface that never throws: a browser may forbid storage or have no room.
export interface Shelf {
  /** Whether what is written outlives the page. */
  readonly isLasting: boolean;
  read(key: string): string | null;
  /** False when there was no room. Null removes. */
  write(key: string, text: string | null): boolean;
  keys(prefix: string): string[];
}

const probeKey = 'oneshot.probe';

/** Where storage is forbidden, a shelf that lasts as long as the page. */
export function createShelf(storage: Storage | null): Shelf {
  const isLasting = storage !== null && isWritable(storage);
  const held = isLasting ? storage : new PageStorage();
  return {
    isLasting,
    read: (key) => held.getItem(key),
    write(key, text) {
      try {
        if (text === null) held.removeItem(key);
        else held.setItem(key, text);
        return true;
      } catch {
        return false;
      }
    },
    keys: (prefix) =>
      Array.from({ length: held.length }, (_, index) => held.key(index)).filter(
        (key): key is string => key?.startsWith(prefix) === true,
      ),
  };
}

/** Even reading `window.localStorage` throws where a browser forbids it. */
export function storageOf(name: 'localStorage' | 'sessionStorage'): Storage | null {
  try {
    return window[name];
  } catch {
    return null;
  }
}

/** A full storage cannot be written either, but has something in it. */
function isWritable(storage: Storage): boolean {
  try {
    storage.setItem(probeKey, '');
    storage.removeItem(probeKey);
    return true;
  } catch {
    try {
      return storage.length > 0;
    } catch {
      return false;
    }
  }
}

class PageStorage implements Storage {
  readonly #items = new Map<string, string>();
  get length(): number {
    return this.#items.size;
  }
  clear(): void {
    this.#items.clear();
  }
  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }
  key(index: number): string | null {
    return [...this.#items.keys()][index] ?? null;
  }
  removeItem(key: string): void {
    this.#items.delete(key);
  }
  setItem(key: string, value: string): void {
    this.#items.set(key, value);
  }
}
