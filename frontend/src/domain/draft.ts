// What a person writes and the browser keeps, and what becomes of it when it is run.
import { noOptions, splitArguments, type Options } from './options';
import type { Submission } from './run';

export interface Draft {
  readonly source: string;
  readonly stdin: string;
  readonly options: Options;
}

export const aDraft = (source: string): Draft => ({ source, stdin: '', options: noOptions });

export const toSubmission = ({ source, stdin, options }: Draft): Submission => ({
  source,
  stdin,
  args: splitArguments(options.args),
  limits: options.limits,
});
