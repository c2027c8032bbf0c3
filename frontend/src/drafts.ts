// The drafts of this browser. Each has a key of its own, so that tabs write different ones without knowing of
// each other. Two tabs that show the same draft follow each other; where both have changed it, the later one goes
// on with a copy. A draft that nobody has changed since it was opened is kept for this tab only, so that looking
// at programs leaves nothing behind.
import { isSameDraft, type Draft, type NamedDraft } from './domain/draft';
import { cleanName, defaultName, uniqueName } from './domain/draft-name';
import type { Shelf } from './storage';
import { parseDraft, parseFields, parseNamedDraft } from './stored';

export interface Drafts {
  /** The one that is open in this tab. */
  current(): NamedDraft;
  /** Those that are kept and the current one, the newest first. */
  list(): NamedDraft[];
  /**
   * Keeps what is in the editor. `parted`: another tab has changed this draft, so it was kept as a copy.
   * `fleeting`: there is no room, so it will be gone with the tab.
   */
  save(draft: Draft): 'kept' | 'parted' | 'fleeting';
  /** Opens one of those that are kept. */
  open(draft: NamedDraft): void;
  /** Opens a new one. It is kept once it has been changed. */
  begin(name: string, draft: Draft): void;
  /** Goes on with a copy, which is kept once it has been changed. */
  part(draft: Draft): void;
  rename(id: string, name: string): void;
  remove(id: string): void;
  restore(draft: NamedDraft): void;
  /**
   * Another tab has written; `draft` is what is in this tab's editor. `followed`: the current draft is now what
   * the other tab wrote. `parted`: it is a copy, because both have changed it.
   */
  hearOf(change: StoredChange, draft: Draft): 'nothing' | 'followed' | 'parted';
  /** The same, for a page that could not listen for a while. */
  catchUp(draft: Draft): 'nothing' | 'followed' | 'parted';
}

/** As in a StorageEvent. */
export type StoredChange = Pick<StorageEvent, 'key' | 'oldValue' | 'newValue'>;

export interface DraftSurroundings {
  readonly tab: Shelf;
  readonly browser: Shelf;
  readonly now: () => number;
  readonly newId: () => string;
  /** Frees some room in the browser's storage; false when there is nothing left to remove. */
  readonly makeRoom: () => boolean;
  /** What a first visitor sees. */
  readonly example: Draft;
}

/** Files do not fit into a browser's storage. */
const textOf = (draft: NamedDraft): string => JSON.stringify({ ...draft, files: undefined });

const prefix = 'oneshot.draft.';
const keyOf = (id: string): string => prefix + id;
/** In the tab: its draft. In the browser: where earlier versions of the page kept their only draft. */
const tabKey = 'oneshot.draft';

export function createDrafts(surroundings: DraftSurroundings): Drafts {
  const { tab, browser, now, newId, makeRoom } = surroundings;

  const kept = (): NamedDraft[] =>
    browser
      .keys(prefix)
      .map((key) => parseNamedDraft(browser.read(key)))
      .filter((draft) => draft !== null);
  const newest = (drafts: NamedDraft[]): NamedDraft[] =>
    drafts.sort((a, b) => b.changedAt - a.changedAt);
  const unused = (name: string, id: string): string => {
    const others = kept().filter((draft) => draft.id !== id);
    return uniqueName(
      cleanName(name),
      others.map((draft) => draft.name),
    );
  };
  const named = (name: string, draft: Draft): NamedDraft => {
    const id = newId();
    return { ...draft, id, name: unused(name, id), changedAt: now() };
  };
  const put = (draft: NamedDraft): string | null => {
    const text = textOf(draft);
    while (!browser.write(keyOf(draft.id), text)) {
      if (!makeRoom()) return null;
    }
    return text;
  };

  let current: NamedDraft;
  /** What the browser has of the current draft, as far as this tab knows. */
  let known: string | null;
  let isRoomy = true;
  const take = (draft: NamedDraft, text: string | null) => {
    current = draft;
    known = text;
    tab.write(tabKey, textOf(draft));
  };
  const keep = (draft: NamedDraft): boolean => {
    const text = put(draft);
    isRoomy = text !== null;
    take(draft, text ?? known);
    return isRoomy && browser.isLasting;
  };
  const partWith = (draft: Draft): NamedDraft => {
    known = null;
    return named(uniqueName(current.name, [current.name]), draft);
  };

  const migrate = () => {
    const old = parseDraft(parseFields(browser.read(tabKey)));
    if (old && put(named(defaultName, old)) === null) return;
    browser.write(tabKey, null);
  };
  const start = () => {
    migrate();
    const text = tab.read(tabKey);
    const mine = parseNamedDraft(text);
    if (mine) {
      const stored = browser.read(keyOf(mine.id));
      const other = parseNamedDraft(stored);
      // The tab's own is newer where there was no room in the browser.
      take(other && other.changedAt >= mine.changedAt ? other : mine, stored);
      return;
    }
    const drafts = newest(kept());
    const old = parseDraft(parseFields(text));
    const same = old ? drafts.find((draft) => isSameDraft(draft, old)) : drafts[0];
    if (same) take(same, browser.read(keyOf(same.id)));
    else if (old) keep(named(defaultName, old));
    else take(named(defaultName, surroundings.example), null);
  };
  start();

  const hear = (oldText: string | null, newText: string | null, draft: Draft) => {
    if (newText === known) return 'nothing';
    if (newText === null) {
      // Removed in another tab. Here it is still open, and kept again once it is changed.
      known = null;
      return 'nothing';
    }
    const other = parseNamedDraft(newText);
    if (other && oldText === known && isSameDraft(draft, current)) {
      take(other, newText);
      return 'followed';
    }
    keep(partWith(draft));
    return 'parted';
  };

  return {
    current: () => current,
    list: () => newest([current, ...kept().filter((draft) => draft.id !== current.id)]),
    save(draft) {
      // One that nobody has changed needs no room.
      if (isSameDraft(draft, current) && isRoomy) return browser.isLasting ? 'kept' : 'fleeting';
      const stored = browser.read(keyOf(current.id));
      const isParted = stored !== null && stored !== known;
      const next = isParted ? partWith(draft) : { ...current, ...draft, changedAt: now() };
      if (!keep(next)) return 'fleeting';
      return isParted ? 'parted' : 'kept';
    },
    open: (draft) => {
      take(draft, browser.read(keyOf(draft.id)));
    },
    begin(name, draft) {
      take(named(name, draft), null);
    },
    part(draft) {
      take(partWith(draft), null);
    },
    rename(id, name) {
      const draft = id === current.id ? current : kept().find((one) => one.id === id);
      if (!draft) return;
      const renamed = { ...draft, name: unused(name, id) };
      if (id === current.id) keep(renamed);
      else put(renamed);
    },
    remove(id) {
      browser.write(keyOf(id), null);
      if (id === current.id) known = null;
    },
    restore: (draft) => void put(draft),
    hearOf: ({ key, oldValue, newValue }, draft) =>
      key === keyOf(current.id) ? hear(oldValue, newValue, draft) : 'nothing',
    catchUp: (draft) => hear(known, browser.read(keyOf(current.id)), draft),
  };
}
