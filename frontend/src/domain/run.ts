// What the page knows of one run and of a refusal, in the names and types of the contract.
import type { components } from '../contract';

export type Contract = components['schemas'];
type Summary = Contract['RunSummary'];

/** A server of another version may leave a field out. */
type OrUnknown<T> = { readonly [Key in keyof T]: T[Key] | null };

export type RunStatus = Contract['Status'];
export type StreamName = 'stdout' | 'stderr';

export const activeStatuses = [
  'queued',
  'starting',
  'running',
] as const satisfies readonly RunStatus[];
export const finalStatuses = [
  'succeeded',
  'failed',
  'timed_out',
  'out_of_memory',
  'cancelled',
  'error',
] as const satisfies readonly RunStatus[];

export type FinalStatus = (typeof finalStatuses)[number];

/** What changes while a run has not ended. */
export type Progress = Readonly<
  Pick<Summary, 'status' | 'queue_position' | 'starts_in_ms' | 'attempt'>
>;

type Facts = Readonly<
  Pick<
    Summary,
    'id' | 'exit_code' | 'signal' | 'message' | 'truncated' | 'peak_memory_bytes' | 'started_at'
  >
>;

/** A figure or table that the program shows. Its bytes are at `url`, on this site. */
export type Display = Readonly<Contract['Display']>;

/** A file that has come back from the program. Its bytes are at `url`, on this site. */
export type OutputFile = Readonly<Contract['OutputFile']>;

/** A start of the program that the infrastructure interrupted. */
export interface Interruption extends Readonly<
  Pick<Contract['Interruption'], 'attempt' | 'message' | 'node'>
> {
  /** Any word, as that of a run. */
  readonly reason: string;
}

export interface Run extends Progress, Facts {
  /** Oldest first. */
  readonly interruptions: readonly Interruption[];
  readonly dropped_displays: number;
  readonly output_files: readonly OutputFile[];
  readonly dropped_output_files: number;
  /** It takes input now. */
  readonly stdin_open: boolean;
  /** Any word, because a newer server may have reasons that this page does not know. */
  readonly reason: string | null;
  readonly timings: Readonly<Summary['timings']>;
  readonly output: { readonly [Key in keyof Summary['output']]: number };
  readonly limits: OrUnknown<Summary['limits']>;
}

export interface Submission {
  readonly source: string;
  readonly stdin: string;
  /** More may follow while it is active. */
  readonly stdin_open?: boolean;
  readonly files?: readonly Contract['File'][];
  /** How many pixels of a figure make one of the page; absent: the program can show nothing. */
  readonly display?: number;
  readonly args?: readonly string[];
  readonly outputs?: readonly string[];
  readonly limits?: Readonly<Partial<Contract['Limits']>>;
}

/** One fault that the server found; `pointer` is a JSON pointer into the submission, such as `/stdin`. */
export interface FieldError {
  readonly pointer: string;
  readonly detail: string;
}

/** RFC 9457 problem details, reduced to what the page reads. */
export interface Problem {
  readonly title: string;
  readonly detail: string | null;
  readonly code: string | null;
  readonly request_id: string | null;
  readonly errors: readonly FieldError[];
}

/** A problem that the page has found, not the server. */
export const ownProblem = (title: string, detail: string): Problem => ({
  title,
  detail,
  code: null,
  request_id: null,
  errors: [],
});

export const isFinal = (status: RunStatus): status is FinalStatus =>
  (finalStatuses as readonly string[]).includes(status);

/** The program has not begun, or is to begin again. */
export const isWaiting = ({ status }: Progress): boolean =>
  status === 'queued' || status === 'starting';
