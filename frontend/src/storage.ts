// What the browser keeps: this tab's draft, the newest draft of any tab, and the run that this tab follows.
// A tab reads back only its own draft, so two tabs do not overwrite each other. A new tab starts with
// the newest one. Where storage is forbidden or full, nothing is kept and the page still works.
import type { Draft } from './domain/draft';
import { limitNames, noOptions, type Options } from './domain/options';

export interface Drafts {
  load(): Draft | null;
  /** True when the draft outlives the tab. */
  save(draft: Draft): boolean;
  readonly rememberRun: (runId: string | null) => void;
  rememberedRun(): string | null;
}

const draftKey = 'oneshot.draft';
const runKey = 'oneshot.run';

export function createDrafts(tab: Storage | null, browser: Storage | null): Drafts {
  const read = (storage: Storage | null, key: string): string | null => {
    try {
      return storage?.getItem(key) ?? null;
    } catch {
      return null;
    }
  };
  const write = (storage: Storage | null, key: string, value: string | null): boolean => {
    try {
      if (value === null) storage?.removeItem(key);
      else storage?.setItem(key, value);
      return storage !== null;
    } catch {
      return false;
    }
  };
  return {
    load: () => parseDraft(read(tab, draftKey)) ?? parseDraft(read(browser, draftKey)),
    save(draft) {
      // Files do not fit there.
      const text = JSON.stringify({ ...draft, files: undefined });
      write(tab, draftKey, text);
      return write(browser, draftKey, text);
    },
    rememberRun: (runId) => void write(tab, runKey, runId),
    rememberedRun: () => read(tab, runKey),
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

function parseDraft(text: string | null): Draft | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    const { source, stdin, options } = value as Record<string, unknown>;
    return typeof source === 'string' && typeof stdin === 'string'
      ? { source, stdin, options: parseOptions(options), files: [] }
      : null;
  } catch {
    return null;
  }
}

/** What an older page has kept has none; what does not fit is left out. */
function parseOptions(value: unknown): Options {
  if (typeof value !== 'object' || value === null) return noOptions;
  const { args, limits } = value as Record<string, unknown>;
  const known = typeof limits === 'object' && limits !== null ? Object.entries(limits) : [];
  return {
    args: typeof args === 'string' ? args : '',
    limits: Object.fromEntries(
      known.filter(
        ([name, limit]) =>
          (limitNames as readonly string[]).includes(name) &&
          typeof limit === 'number' &&
          Number.isFinite(limit),
      ),
    ),
  };
}
