// What a person writes and the browser keeps, and what becomes of it when it is run.
import { fromSubmittedFile, toSubmittedFile, type RunFile } from './files';
import { joinArguments, limitNames, noOptions, splitArguments, type Options } from './options';
import type { Limits } from './options';
import type { Submission } from './run';

export interface Draft {
  readonly source: string;
  readonly stdin: string;
  readonly options: Options;
  readonly files: readonly RunFile[];
}

export const aDraft = (source: string): Draft => ({
  source,
  stdin: '',
  options: noOptions,
  files: [],
});

/** Whether a program reads what a person types while it runs. */
export const asksForInput = (source: string): boolean =>
  /\b(?:input|raw_input|stdin|fileinput|getpass|breakpoint|pdb)\b/.test(source);

export const toSubmission = ({ source, stdin, options, files }: Draft): Submission => ({
  source,
  stdin,
  // What is prepared ends there. Nothing prepared, and a program that asks, is a conversation.
  ...(stdin === '' && asksForInput(source) ? { stdin_open: true } : {}),
  args: splitArguments(options.args),
  limits: options.limits,
  ...(files.length > 0 ? { files: files.map(toSubmittedFile) } : {}),
});

/** A submission names all limits; a draft only those that the installation would not give by itself. */
export const fromSubmission = (submission: Submission, defaults: Limits | null): Draft => ({
  source: submission.source,
  stdin: submission.stdin,
  options: {
    args: joinArguments(submission.args ?? []),
    limits: Object.fromEntries(
      limitNames.flatMap((name) => {
        const value = submission.limits?.[name];
        return value === undefined || value === defaults?.[name] ? [] : [[name, value]];
      }),
    ),
  },
  files: (submission.files ?? []).map(fromSubmittedFile),
});
