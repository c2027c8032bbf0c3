// What this browser remembers of a run that was submitted from it.
import type { Draft } from './draft';
import type { RunStatus } from './run';

export interface RunEntry {
  readonly id: string;
  /** Of the draft that was run. */
  readonly name: string;
  /** The first line of the program that says something. */
  readonly title: string;
  /** Milliseconds since 1970, by the clock of this browser. */
  readonly submittedAt: number;
  /** When this browser last heard of it. */
  readonly status: RunStatus;
  readonly wallMs: number | null;
  /** What was run; null when the browser had no room for it any more. */
  readonly draft: Draft | null;
}

/** Whether the run is one that a person who types this looks for. */
export function matchesSearch(entry: RunEntry, search: string): boolean {
  const sought = search.trim().toLowerCase();
  const { id, name, title, draft } = entry;
  return [id, name, title, draft?.source ?? ''].some((text) => text.toLowerCase().includes(sought));
}
