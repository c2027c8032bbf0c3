// What the browser keeps: this tab's draft, the newest draft of any tab, and the run that this tab follows.
// A tab reads back only its own draft, so two tabs do not overwrite each other. A new tab starts with
// the newest one. Where storage is forbidden or full, nothing is kept and the page still works.
import type { Submission } from './domain/run';

export interface Drafts {
  load(): Submission | null;
  /** True when the draft outlives the tab. */
  save(draft: Submission): boolean;
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
      const text = JSON.stringify({ source: draft.source, stdin: draft.stdin });
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

function parseDraft(text: string | null): Submission | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    const { source, stdin } = value as Record<string, unknown>;
    return typeof source === 'string' && typeof stdin === 'string' ? { source, stdin } : null;
  } catch {
    return null;
  }
}
