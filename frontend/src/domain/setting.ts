// Something that a person sets once and the browser keeps. Where storage is forbidden it lasts until the page is
// closed.

export interface Setting<T> {
  get(): T;
  set(value: T): void;
}

/** `parse` returns null for what is no value of the setting. */
export function createSetting<T extends string | number | boolean>(
  storage: Storage | null,
  key: string,
  initial: T,
  parse: (text: string) => T | null,
): Setting<T> {
  let value = initial;
  try {
    const kept = storage?.getItem(key) ?? null;
    if (kept !== null) value = parse(kept) ?? initial;
  } catch {
    // As if nothing had been set.
  }
  return {
    get: () => value,
    set(next) {
      value = next;
      try {
        storage?.setItem(key, String(next));
      } catch {
        // It holds for this page.
      }
    },
  };
}

export const parseBoolean = (text: string): boolean | null =>
  text === 'true' ? true : text === 'false' ? false : null;
