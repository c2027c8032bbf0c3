// A finished run at an address of its own, and the addresses under which people get to see it.
import type { Display, Run, StreamName } from './run';

interface Facts {
  readonly id: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}

/** With the token, which is told once and can revoke it. */
export interface NewShare extends Facts {
  readonly token: string;
}

/** A share that was made in this browser, which alone can revoke it. */
export interface OwnShare extends NewShare {
  /** By which a person knows it again. */
  readonly title: string;
}

/** Text of one stream, or something that is shown at this place. */
export interface OutputPiece {
  readonly display?: Display | undefined;
  readonly stream?: StreamName | undefined;
  readonly text: string;
  readonly dropped_bytes: number;
}

/** The run, and as much of its output as one answer has. */
export interface SharePage extends Facts {
  readonly run: Run;
  readonly pieces: readonly OutputPiece[];
  /** Where the rest begins; null when this is the last of it. */
  readonly next: string | null;
}

/** The outcome of a request: a value, or what to tell the person. */
export type Outcome<T> = { readonly value: T } | { readonly trouble: string };

/** What can be done with the shares of this browser. */
export interface Sharing {
  readonly create: (runId: string) => Promise<Outcome<NewShare>>;
  readonly revoke: (share: OwnShare) => Promise<Outcome<null>>;
  readonly list: () => readonly OwnShare[];
  /** False when it will be forgotten with the page. */
  readonly add: (share: OwnShare) => boolean;
  /** The program in the editor, for a title. */
  readonly source: () => string;
}

/** Browsers tell nobody what stands behind the `#`: no server, no log, and no page that is linked to. */
export const shareIn = (hash: string): string | null =>
  /^#share=([0-9a-z]{32})$/.exec(hash)?.[1] ?? null;

export const shareLink = (origin: string, id: string): string => `${origin}/#share=${id}`;

export const embedCode = (origin: string, id: string, title: string): string =>
  `<iframe src="${origin}/embed#share=${id}" title="${title}" width="100%" height="480" loading="lazy"></iframe>`;

/** Where the api has it. */
export const shareAddress = (id: string): string => `/api/v1/shares/${id}`;

const mostHeadline = 60;

/** For readers: the words of the first line that has some, of a comment too and without its signs. */
export function headlineOf(source: string): string | null {
  const line = source.split('\n').find((each) => /[^\s#"']/.test(each));
  const title = line?.replace(/^[\s#"']+/, '').trimEnd();
  if (!title) return null;
  const characters = Array.from(title);
  return characters.length > mostHeadline
    ? `${characters.slice(0, mostHeadline).join('')}…`
    : title;
}
