// What the page knows of one run. The same words as in the API, in camel case.

export const activeStatuses = ['queued', 'starting', 'running'] as const;
export const finalStatuses = [
  'succeeded',
  'failed',
  'timed_out',
  'out_of_memory',
  'cancelled',
  'error',
] as const;

export type ActiveStatus = (typeof activeStatuses)[number];
export type FinalStatus = (typeof finalStatuses)[number];
export type RunStatus = ActiveStatus | FinalStatus;
export type StreamName = 'stdout' | 'stderr';

export interface Limits {
  readonly wallSeconds: number | null;
  readonly cpuSeconds: number | null;
  readonly memoryMib: number | null;
}

export interface Run {
  readonly id: string;
  readonly status: RunStatus;
  readonly exitCode: number | null;
  readonly signal: number | null;
  readonly reason: string | null;
  readonly message: string | null;
  readonly truncated: boolean;
  readonly output: {
    /** What the program wrote, also what was dropped of it. */
    readonly stdoutBytes: number;
    readonly stderrBytes: number;
    readonly stdoutDroppedBytes: number;
    readonly stderrDroppedBytes: number;
  };
  readonly timings: {
    readonly queuedMs: number | null;
    readonly startupMs: number | null;
    readonly wallMs: number | null;
    readonly cpuMs: number | null;
  };
  readonly peakMemoryBytes: number | null;
  readonly attempt: number;
  readonly startedAt: string | null;
  readonly queuePosition: number | null;
  readonly limits: Limits;
}

export interface Submission {
  readonly source: string;
  readonly stdin: string;
}

/** One fault the server found; `pointer` is a JSON pointer into the submission, such as `/stdin`. */
export interface FieldError {
  readonly pointer: string;
  readonly detail: string;
}

/** RFC 9457 problem details, reduced to what the page shows. */
export interface Problem {
  readonly title: string;
  readonly detail: string | null;
  readonly requestId: string | null;
  readonly errors: readonly FieldError[];
}

export const isFinal = (status: RunStatus): status is FinalStatus =>
  (finalStatuses as readonly string[]).includes(status);
