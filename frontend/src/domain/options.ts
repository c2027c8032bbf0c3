// What a run may be given besides its program: arguments, and other limits than the installation's own.
import type { Contract } from './run';

export const limitNames = [
  'wall_seconds',
  'cpu_seconds',
  'memory_mib',
  'output_bytes',
  'scratch_mib',
] as const satisfies readonly (keyof Contract['Limits'])[];

export type LimitName = (typeof limitNames)[number];
export type Limits = Readonly<Contract['Limits']>;

/** Of the installation. */
export interface Bounds {
  readonly defaults: Limits;
  readonly maxima: Limits;
  /** How many a run may bring, and the bytes of all together; an older server does not tell. */
  readonly files?: number | undefined;
  readonly file_bytes?: number | undefined;
  /** The same of files that come back. */
  readonly output_files?: number | undefined;
  readonly output_file_bytes?: number | undefined;
}

export interface Options {
  /** As typed: words as a shell reads them. */
  readonly args: string;
  /** The same: patterns of the files that come back. */
  readonly outputs: string;
  /** Those that are not left to the installation. */
  readonly limits: Readonly<Partial<Limits>>;
}

export const noOptions: Options = { args: '', outputs: '', limits: {} };

export const hasOptions = ({ args, outputs, limits }: Options): boolean =>
  args.trim() !== '' || outputs.trim() !== '' || Object.keys(limits).length > 0;

const someScratchMib = 16;

/** What a program is given that needs scratch space and was not told how much: never more than the installation allows. */
export const someScratch = (bounds: Bounds | null): number =>
  Math.min(someScratchMib, bounds?.maxima.scratch_mib ?? someScratchMib);

/** What comes back when nothing else is asked for: whatever the program could write. */
const everyFile: readonly string[] = ['*'];

/** The patterns of the files that come back from a run with these options. */
export function outputsOf({ outputs, limits }: Options): readonly string[] {
  const typed = splitPatterns(outputs);
  return typed.length === 0 && (limits.scratch_mib ?? 0) > 0 ? everyFile : typed;
}

/** The options' text of these patterns. */
export function outputsText(outputs: readonly string[]): string {
  const text = outputs.map((each) => (/^[^\s,'"\\]+$/.test(each) ? each : quoted(each))).join(' ');
  return text === everyFile.join(' ') ? '' : text;
}

/** What ends a word, and the parts that a word is made of. */
const tokens = (ends: string): RegExp =>
  new RegExp(
    `([${ends}]+)|'([^']*)'?|"((?:[^"\\\\]|\\\\[^])*)"?|\\\\([^])|([^${ends}'"\\\\]+)|\\\\$`,
    'gy',
  );
const argumentTokens = tokens('\\s');
const patternTokens = tokens('\\s,');

/**
 * Words as a POSIX shell splits them: quotes and backslashes keep spaces, nothing is expanded. A quote that is
 * not closed goes to the end.
 */
export const splitArguments = (text: string): string[] => split(text, argumentTokens);

/** The same, but a comma ends a word too. */
const splitPatterns = (text: string): string[] => split(text, patternTokens);

function split(text: string, token: RegExp): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (const [, end, single, double, escaped, plain] of text.matchAll(token)) {
    if (end !== undefined) {
      if (word !== null) words.push(word);
      word = null;
      continue;
    }
    const part = single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain ?? '';
    word = (word ?? '') + part;
  }
  if (word !== null) words.push(word);
  return words;
}

/** The text that `splitArguments` splits into these words. */
export const joinArguments = (words: readonly string[]): string =>
  words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quoted(word))).join(' ');

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** Whether the last lines say that something could not be written, or that there are no semaphores. */
export const lacksScratch = (lastLines: string): boolean =>
  /^(?:PermissionError: \[Errno 13\]|OSError: \[Errno 30\]|FileNotFoundError: \[Errno 2\] No usable temporary directory)/m.test(
    lastLines,
  );
