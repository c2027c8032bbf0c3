// The messages of the server, as far as the page reads them. Nothing behind this file sees unchecked
// JSON. Unknown fields are ignored and absent ones count as unknown, so that the page works with a
// server of another version; a field of a wrong type makes the message unreadable.
import * as v from 'valibot';
import type { components } from '../contract';
import {
  activeStatuses,
  finalStatuses,
  type Display,
  type Problem,
  type Progress,
  type Run,
  type Submission,
} from '../domain/run';
import type { NewShare, SharePage } from '../domain/share';
import type { Environment } from '../domain/environment';
import { limitNames } from '../domain/options';
import type { Table } from '../domain/table';

export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

const textOrNull = v.nullish(v.string(), null);
const numberOrNull = v.nullish(v.number(), null);
const count = v.nullish(v.number(), 0);

const progress = v.object({
  status: v.picklist([...activeStatuses, ...finalStatuses]),
  queue_position: numberOrNull,
  starts_in_ms: numberOrNull,
  attempt: count,
});

const interruption = v.object({
  attempt: v.number(),
  reason: v.string(),
  message: textOrNull,
  node: textOrNull,
});

// An address of this site: what a program shows must not make the page load anything else.
const addressOf = (part: string) =>
  v.pipe(v.string(), v.regex(new RegExp(`^/api/v1/(?:runs|shares)/\\w+/${part}/\\d+$`)));

const display = v.object({
  number: v.number(),
  mime: v.picklist(['image/png', 'image/svg+xml', 'application/vnd.oneshot.table+json']),
  width: numberOrNull,
  height: numberOrNull,
  alt: v.nullish(v.string(), ''),
  bytes: count,
  url: addressOf('displays'),
});

const outputFile = v.object({
  number: v.number(),
  path: v.string(),
  bytes: count,
  url: addressOf('output-files'),
});

const run = v.object({
  ...progress.entries,
  id: v.string(),
  exit_code: numberOrNull,
  signal: numberOrNull,
  reason: textOrNull,
  message: textOrNull,
  interruptions: v.nullish(v.array(interruption), []),
  truncated: v.nullish(v.boolean(), false),
  dropped_displays: count,
  output_files: v.nullish(v.array(outputFile), []),
  dropped_output_files: count,
  stdin_open: v.nullish(v.boolean(), false),
  output: v.nullish(
    v.object({
      stdout_bytes: count,
      stderr_bytes: count,
      stdout_dropped_bytes: count,
      stderr_dropped_bytes: count,
    }),
    {},
  ),
  timings: v.nullish(
    v.object({
      queued_ms: numberOrNull,
      startup_ms: numberOrNull,
      wall_ms: numberOrNull,
      cpu_ms: numberOrNull,
    }),
    {},
  ),
  peak_memory_bytes: numberOrNull,
  started_at: textOrNull,
  limits: v.nullish(v.object(v.entriesFromList(limitNames, numberOrNull)), {}),
});

const table = v.object({
  rows: v.number(),
  columns: v.number(),
  index_columns: v.number(),
  head: v.array(v.object({ name: v.string(), dtype: v.string() })),
  cells: v.array(v.array(v.nullable(v.union([v.string(), v.number(), v.boolean()])))),
});

const submittedFile = v.object({
  path: v.string(),
  content: v.exactOptional(v.string()),
  content_b64: v.exactOptional(v.string()),
});

const submission = v.object({
  source: v.string(),
  stdin: v.nullish(v.string(), ''),
  args: v.nullish(v.array(v.string()), []),
  outputs: v.nullish(v.array(v.string()), []),
  limits: v.nullish(v.object(v.entriesFromList(limitNames, numberOrNull)), {}),
  files: v.nullish(v.array(submittedFile), []),
});

const shareFacts = v.object({ id: v.string(), created_at: v.string(), expires_at: v.string() });
const newShare = v.object({ ...shareFacts.entries, revoke_token: v.string() });
const piece = v.object({
  display: v.optional(display),
  stream: v.optional(v.picklist(['stdout', 'stderr'])),
  text: v.optional(v.string(), ''),
  dropped_bytes: count,
});
const mergedRun = v.object({
  ...run.entries,
  merged: v.nullish(v.array(piece), []),
  merged_cut: v.nullish(v.boolean(), false),
  next_after: v.nullish(v.string(), '0-0'),
});
const share = v.object({ ...shareFacts.entries, run: mergedRun });

const limits = v.object(v.entriesFromList(limitNames, v.number()));
const environment = v.object({
  python: textOrNull,
  packages: v.nullish(v.array(v.object({ name: v.string(), version: v.string() })), []),
  limits: v.object({
    defaults: limits,
    maxima: limits,
    files: v.optional(v.number()),
    file_bytes: v.optional(v.number()),
    output_files: v.optional(v.number()),
    output_file_bytes: v.optional(v.number()),
    source_bytes: numberOrNull,
    stdin_bytes: numberOrNull,
    processes: numberOrNull,
    displays: numberOrNull,
  }),
});

const output = v.object({ text: v.string(), dropped_bytes: count });

const nextStdin = v.object({ next_seq: v.number() });

const reset = v.object({ attempt: v.number() });

// A refusal is one whatever its body says, so what does not fit is left out.
const anyText = v.fallback(textOrNull, null);
const fieldError = v.object({ pointer: v.optional(v.string(), ''), detail: v.string() });
const problem = v.object({
  title: anyText,
  detail: anyText,
  code: anyText,
  request_id: anyText,
  errors: v.fallback(v.optional(v.array(v.fallback(v.nullable(fieldError), null)), []), []),
});

type Contract = components['schemas'];
/** Does not compile when the contract allows a message that the schema would refuse. */
type Reads<Schema extends v.GenericSchema, Sent extends v.InferInput<Schema>> = [Schema, Sent];
export type Checked = [
  Reads<typeof run, Contract['RunSummary']>,
  Reads<typeof submission, Contract['Submission']>,
  Reads<typeof progress, Contract['StatusEvent']>,
  Reads<typeof output, Contract['OutputEvent']>,
  Reads<typeof display, Contract['DisplayEvent']>,
  Reads<typeof environment, Contract['Environment']>,
  Reads<typeof table, Contract['Table']>,
  Reads<typeof reset, Contract['ResetEvent']>,
  Reads<typeof newShare, Contract['NewShare']>,
  Reads<typeof mergedRun, Contract['MergedRun']>,
  Reads<typeof shareFacts, Contract['Share']>,
  Reads<typeof problem, Contract['Problem']>,
];

function read<Schema extends v.GenericSchema>(
  what: string,
  schema: Schema,
  value: unknown,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new DecodeError([what, v.getDotPath(issue), issue.message].filter(Boolean).join(': '));
}

export type OutputMessage = v.InferOutput<typeof output>;

export const decodeRun = (value: unknown): Run => read('run', run, value);
export function decodeSubmission(value: unknown): Submission {
  const { limits: given, ...rest } = read('submission', submission, value);
  const known = Object.entries(given).filter(([, limit]) => limit !== null);
  return { ...rest, limits: Object.fromEntries(known) };
}
export const decodeProgress = (value: unknown): Progress => read('status event', progress, value);
export const decodeOutputMessage = (value: unknown): OutputMessage =>
  read('output event', output, value);
export const decodeDisplay = (value: unknown): Display => read('display event', display, value);
export const decodeTable = (value: unknown): Table => read('table', table, value);
export const decodeNewShare = (value: unknown): NewShare => {
  const made = read('share', newShare, value);
  return { id: made.id, token: made.revoke_token, ...timesOf(made) };
};
export const decodeShare = (value: unknown): SharePage => {
  const { id, run: shown, ...times } = read('share', share, value);
  const { merged, merged_cut, next_after, ...facts } = shown;
  return {
    id,
    ...timesOf(times),
    run: facts,
    pieces: merged,
    next: merged_cut ? next_after : null,
  };
};
const timesOf = (facts: { readonly created_at: string; readonly expires_at: string }) => ({
  createdAt: facts.created_at,
  expiresAt: facts.expires_at,
});

export const decodeEnvironment = (value: unknown): Environment =>
  read('environment', environment, value);
export const decodeNextStdin = (value: unknown): number =>
  read('answer to input', nextStdin, value).next_seq;
export const decodeAttempt = (value: unknown): number => read('reset event', reset, value).attempt;

export function decodeProblem(value: unknown, fallbackTitle: string): Problem {
  const known = v.parse(problem, typeof value === 'object' && value !== null ? value : {});
  return {
    ...known,
    title: known.title ?? fallbackTitle,
    errors: known.errors.filter((error) => error !== null),
  };
}

/** Place of a record in its run: `<attempt>-<seq>`, the last `id:` field that the stream has sent. */
export interface RecordId {
  readonly attempt: number;
  readonly sequence: number;
}

export function decodeRecordId(id: string): RecordId | null {
  const match = /^(\d+)-(\d+)$/.exec(id);
  return match ? { attempt: Number(match[1]), sequence: Number(match[2]) } : null;
}
