// What a person writes and the browser keeps, and what becomes of it when it is run.
import { fromSubmittedFile, toSubmittedFile, type RunFile } from './files';
import {
  joinArguments,
  limitNames,
  noOptions,
  outputsOf,
  outputsText,
  splitArguments,
  type Options,
} from './options';
import type { Limits } from './options';
import type { Submission } from './run';

export interface Draft {
  readonly source: string;
  readonly stdin: string;
  readonly options: Options;
  readonly files: readonly RunFile[];
}

export interface NamedDraft extends Draft {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly changedAt: number;
}

const mostLineCharacters = 100;

export const aDraft = (source: string): Draft => ({
  source,
  stdin: '',
  options: noOptions,
  files: [],
});

/** Of what the browser keeps; files do not fit there. */
export const isSameDraft = (one: Draft, other: Draft): boolean =>
  one.source === other.source &&
  one.stdin === other.stdin &&
  one.options.args === other.options.args &&
  one.options.outputs === other.options.outputs &&
  limitNames.every((name) => one.options.limits[name] === other.options.limits[name]);

/** Whether a program reads what a person types while it runs. */
export const asksForInput = (source: string): boolean =>
  /\b(?:input|raw_input|stdin|fileinput|getpass|breakpoint|pdb)\b/.test(source);

export function toSubmission({ source, stdin, options, files }: Draft): Submission {
  const outputs = outputsOf(options);
  return {
    source,
    stdin,
    // What is prepared ends there. Nothing prepared, and a program that asks, is a conversation.
    ...(stdin === '' && asksForInput(source) ? { stdin_open: true } : {}),
    args: splitArguments(options.args),
    limits: options.limits,
    ...(outputs.length > 0 ? { outputs } : {}),
    ...(files.length > 0 ? { files: files.map(toSubmittedFile) } : {}),
  };
}

/**
 * For lists: the first line that tells what the program does, as it is written. Comments and imports come first
 * in most programs and tell them less apart than what follows.
 */
export function tellingLineOf(source: string): string {
  const lines = source
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const telling = lines.find((line) => !/^(?:#|import\b|from\b|"""|''')/.test(line));
  return (telling ?? lines[0] ?? '').slice(0, mostLineCharacters);
}

/** A submission names all limits; a draft only those that the installation would not give by itself. */
export const fromSubmission = (submission: Submission, defaults: Limits | null): Draft => ({
  source: submission.source,
  stdin: submission.stdin,
  options: {
    args: joinArguments(submission.args ?? []),
    outputs: outputsText(submission.outputs ?? []),
    limits: Object.fromEntries(
      limitNames.flatMap((name) => {
        const value = submission.limits?.[name];
        return value === undefined || value === defaults?.[name] ? [] : [[name, value]];
      }),
    ),
  },
  files: (submission.files ?? []).map(fromSubmittedFile),
});
