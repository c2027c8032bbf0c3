// The runs that were submitted from this browser. Each has a key of its own, so that tabs do not overwrite each
// other's. Bounded in number and size: the oldest programs go first, then the oldest runs.
import { tellingLineOf, type Draft } from './domain/draft';
import { activeStatuses, finalStatuses, type Run, type RunStatus } from './domain/run';
import type { RunEntry } from './domain/run-entry';
import type { Shelf } from './storage';
import { parseDraft, parseFields, parseNumber } from './stored';

export interface History {
  /** Whether it outlives the page. */
  readonly isLasting: boolean;
  /** False when there is no room for it. */
  add(run: Run, name: string, draft: Draft): boolean;
  /** Remembers how a run that is in the history goes on. */
  note(run: Run): void;
  find(id: string): RunEntry | null;
  /** The newest first. */
  list(): RunEntry[];
  remove(entries: readonly RunEntry[]): void;
  restore(entries: readonly RunEntry[]): void;
  /** Forgets the oldest program, or the oldest run; false when there is none. */
  makeRoom(): boolean;
}

export const mostRuns = 200;
/** A browser keeps about 5 million of a site; the drafts need some too. */
export const mostCharacters = 1_000_000;

const prefix = 'oneshot.run.';

export function createHistory(browser: Shelf, now: () => number = Date.now): History {
  const keyOf = (id: string): string => prefix + id;
  const list = (): RunEntry[] =>
    browser
      .keys(prefix)
      .map((key) => parseEntry(browser.read(key)))
      .filter((entry) => entry !== null)
      .sort((a, b) => b.submittedAt - a.submittedAt || (a.id < b.id ? 1 : -1));
  const forget = (entry: RunEntry) =>
    browser.write(keyOf(entry.id), entry.draft && JSON.stringify({ ...entry, draft: null }));
  const makeRoom = (): boolean => {
    const entries = list();
    const oldest = entries.findLast((entry) => entry.draft !== null) ?? entries.at(-1);
    return oldest !== undefined && forget(oldest);
  };
  const put = (entry: RunEntry): boolean => {
    const text = JSON.stringify(entry);
    while (!browser.write(keyOf(entry.id), text)) {
      if (!makeRoom()) return false;
    }
    return true;
  };
  const prune = () => {
    let characters = 0;
    list().forEach((entry, index) => {
      if (index >= mostRuns) browser.write(keyOf(entry.id), null);
      else if (entry.draft) {
        characters += JSON.stringify(entry).length;
        if (characters > mostCharacters) forget(entry);
      }
    });
  };
  const find = (id: string) => parseEntry(browser.read(keyOf(id)));

  return {
    isLasting: browser.isLasting,
    add({ id, status }, name, draft) {
      const title = tellingLineOf(draft.source);
      // With files it is too large; the server has it.
      const small = draft.files.length > 0 ? null : draft;
      const isKept = put({
        id,
        name,
        title,
        submittedAt: now(),
        status,
        wallMs: null,
        draft: small,
      });
      prune();
      return isKept;
    },
    note({ id, status, timings }) {
      const entry = find(id);
      const wallMs = timings.wall_ms;
      if (!entry || (entry.status === status && entry.wallMs === wallMs)) return;
      put({ ...entry, status, wallMs });
    },
    find,
    list,
    remove(entries) {
      for (const { id } of entries) browser.write(keyOf(id), null);
    },
    restore(entries) {
      for (const entry of entries) put(entry);
    },
    makeRoom,
  };
}

const isStatus = (value: unknown): value is RunStatus =>
  ([...activeStatuses, ...finalStatuses] as unknown[]).includes(value);

function parseEntry(text: string | null): RunEntry | null {
  const fields = parseFields(text);
  if (!fields) return null;
  const { id, name, title, submittedAt, status, wallMs, draft } = fields;
  if (typeof id !== 'string' || !/^\w{1,40}$/.test(id) || !isStatus(status)) return null;
  return {
    id,
    name: typeof name === 'string' ? name : '',
    title: typeof title === 'string' ? title : '',
    submittedAt: parseNumber(submittedAt) ?? 0,
    status,
    wallMs: parseNumber(wallMs),
    draft: parseDraft(draft),
  };
}
