// Decodes what the server sends. Nothing behind this file sees unchecked JSON.
import type { FieldError, Limits, Problem, Run, RunStatus } from '../domain/run';
import { activeStatuses, finalStatuses } from '../domain/run';

export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

export interface StatusMessage {
  readonly status: RunStatus;
  readonly queuePosition: number | null;
  readonly attempt: number;
}

export interface OutputMessage {
  readonly text: string;
  readonly droppedBytes: number;
}

/** Place of a record in its run: `<attempt>-<seq>`, the last `id:` field the stream has sent. */
export interface RecordId {
  readonly attempt: number;
  readonly sequence: number;
}

type Fields = Readonly<Record<string, unknown>>;

export function decodeRun(value: unknown): Run {
  const run = fields(value, 'run');
  const output = optionalFields(run['output']);
  const timings = optionalFields(run['timings']);
  return {
    id: text(run, 'id'),
    status: decodeStatus(run['status']),
    exitCode: numberOrNull(run['exit_code']),
    signal: numberOrNull(run['signal']),
    reason: textOrNull(run['reason']),
    message: textOrNull(run['message']),
    truncated: run['truncated'] === true,
    output: {
      stdoutBytes: numberOrNull(output['stdout_bytes']) ?? 0,
      stderrBytes: numberOrNull(output['stderr_bytes']) ?? 0,
      stdoutDroppedBytes: numberOrNull(output['stdout_dropped_bytes']) ?? 0,
      stderrDroppedBytes: numberOrNull(output['stderr_dropped_bytes']) ?? 0,
    },
    timings: {
      queuedMs: numberOrNull(timings['queued_ms']),
      startupMs: numberOrNull(timings['startup_ms']),
      wallMs: numberOrNull(timings['wall_ms']),
      cpuMs: numberOrNull(timings['cpu_ms']),
    },
    peakMemoryBytes: numberOrNull(run['peak_memory_bytes']),
    attempt: numberOrNull(run['attempt']) ?? 0,
    startedAt: textOrNull(run['started_at']),
    queuePosition: numberOrNull(run['queue_position']),
    limits: decodeLimits(run['limits']),
  };
}

export function decodeStatusMessage(value: unknown): StatusMessage {
  const message = fields(value, 'status event');
  return {
    status: decodeStatus(message['status']),
    queuePosition: numberOrNull(message['queue_position']),
    attempt: numberOrNull(message['attempt']) ?? 0,
  };
}

export function decodeOutputMessage(value: unknown): OutputMessage {
  const message = fields(value, 'output event');
  return {
    text: text(message, 'text'),
    droppedBytes: numberOrNull(message['dropped_bytes']) ?? 0,
  };
}

export function decodeAttempt(value: unknown): number {
  return numberOrNull(optionalFields(value)['attempt']) ?? 0;
}

export function decodeRecordId(id: string): RecordId | null {
  const match = /^(\d+)-(\d+)$/.exec(id);
  return match ? { attempt: Number(match[1]), sequence: Number(match[2]) } : null;
}

/** A refusal; whatever is missing in the body is left out, because the status alone says enough. */
export function decodeProblem(value: unknown, fallbackTitle: string): Problem {
  const problem = optionalFields(value);
  const errors = Array.isArray(problem['errors']) ? problem['errors'] : [];
  return {
    title: textOrNull(problem['title']) ?? fallbackTitle,
    detail: textOrNull(problem['detail']),
    requestId: textOrNull(problem['request_id']),
    errors: errors.map(decodeFieldError).filter((error) => error.detail !== ''),
  };
}

function decodeFieldError(value: unknown): FieldError {
  const error = optionalFields(value);
  return {
    pointer: textOrNull(error['pointer']) ?? '',
    detail: textOrNull(error['detail']) ?? textOrNull(error['code']) ?? '',
  };
}

function decodeLimits(value: unknown): Limits {
  const limits = optionalFields(value);
  return {
    wallSeconds: numberOrNull(limits['wall_seconds']),
    cpuSeconds: numberOrNull(limits['cpu_seconds']),
    memoryMib: numberOrNull(limits['memory_mib']),
  };
}

function decodeStatus(value: unknown): RunStatus {
  const known = [...activeStatuses, ...finalStatuses].find((status) => status === value);
  if (!known) throw new DecodeError(`unknown status ${JSON.stringify(value)}`);
  return known;
}

function fields(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DecodeError(`${what} is not an object`);
  }
  return value as Fields;
}

const optionalFields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};

function text(object: Fields, key: string): string {
  const value = object[key];
  if (typeof value !== 'string') throw new DecodeError(`${key} is not text`);
  return value;
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const numberOrNull = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
