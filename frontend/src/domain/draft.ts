// What a person writes and the browser keeps, and what becomes of it when it is run.
import { toSubmittedFile, type RunFile } from './files';
import { noOptions, splitArguments, type Options } from './options';
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
