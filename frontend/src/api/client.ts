// The only caller of fetch. Every way that a call can end is a value, because the page has to show it.
// A submission is repeated with its key only: a program that runs twice may do harm.
import type { components } from '../contract';
import { ownProblem, type Problem, type Run, type Submission } from '../domain/run';
import { words } from '../words';
import type { Environment } from '../domain/environment';
import type { Table } from '../domain/table';
import { shareAddress, type NewShare, type SharePage } from '../domain/share';
import {
  DecodeError,
  decodeEnvironment,
  decodeNewShare,
  decodeNextStdin,
  decodeProblem,
  decodeRun,
  decodeShare,
  decodeSubmission,
  decodeTable,
} from './wire';

export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  /** The request was not carried out and should not be sent again as it is. */
  | { readonly kind: 'refused'; readonly status: number; readonly problem: Problem }
  /** The request was certainly not carried out and may be sent again after the delay. */
  | { readonly kind: 'busy'; readonly retryAfterMs: number }
  /**
   * There was an answer, but the request may or may not have been carried out. If it is final, the
   * same request would get the same answer.
   */
  | { readonly kind: 'unconfirmed'; readonly problem: Problem; readonly isFinal: boolean }
  /**
   * There was no answer from the api: the request may or may not have been carried out. `fetch` does
   * not tell a refused connection from a lost answer.
   */
  | { readonly kind: 'unreachable' };

export interface Client {
  /** Calls with the same key and submission give the same run, however often they are made. */
  createRun(submission: Submission, key: string): Promise<Answer<Run>>;
  getRun(id: string): Promise<Answer<Run>>;
  /** What was submitted, with all limits. */
  getSubmission(id: string): Promise<Answer<Submission>>;
  cancelRun(id: string): Promise<Answer<null>>;
  /** The number of the next piece. `text` null ends the input; `number` null makes it the next one. */
  sendStdin(id: string, text: string | null, number: number | null): Promise<Answer<number>>;
  /** What this installation has and allows. */
  getEnvironment(): Promise<Answer<Environment>>;
  /** `url` is that of a display. */
  getTable(url: string): Promise<Answer<Table>>;
}

export interface ShareClient {
  /** Repeated, it makes another share. */
  createShare(runId: string): Promise<Answer<NewShare>>;
  /** With the output after a place, `next` of an earlier page. */
  getShare(id: string, after: string): Promise<Answer<SharePage>>;
  getSharedSubmission(id: string): Promise<Answer<Submission>>;
  revokeShare(id: string, token: string): Promise<Answer<null>>;
}

const jsonType = 'application/json';
const bytesType = 'application/octet-stream';
const tableType = 'application/vnd.oneshot.table+json, application/problem+json';

/** Longer than any answer without `wait` takes. nginx gives up earlier. */
const answerTimeoutMs = 30_000;
const defaultRetryMs = 2_000;
const longestRetryMs = 60_000;

/** The codes of a 503 that mean that the request was not carried out (docs/api.md). */
const busyCodes: readonly components['schemas']['Problem']['code'][] = [
  'queue_full',
  'storage_full',
  'overloaded',
  'unavailable',
  'shutting_down',
];

export function createClient(fetcher: typeof fetch = fetch): Client & ShareClient {
  const call = async <T>(
    method: string,
    path: string,
    body: unknown,
    decode: (json: unknown) => T,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> => {
    try {
      const response = await fetcher(path, {
        method,
        headers: {
          accept: 'application/json',
          ...(body ? { 'content-type': typeof body === 'string' ? bytesType : jsonType } : {}),
          ...headers,
        },
        ...(body ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
        cache: 'no-store',
        credentials: 'same-origin',
        signal: AbortSignal.timeout(answerTimeoutMs),
      });
      const json = parseJson(await response.text());
      return response.ok
        ? { kind: 'ok', value: decode(json) }
        : describeRefusal(response.status, response.headers, json);
    } catch (error) {
      if (!(error instanceof DecodeError)) return { kind: 'unreachable' };
      const { unreadableHeading, unreadable } = words.problem;
      const problem = ownProblem(unreadableHeading, unreadable(error.message));
      return { kind: 'unconfirmed', problem, isFinal: true };
    }
  };

  return {
    createRun: (
      { source, stdin, stdin_open, display, args = [], limits = {}, files, outputs },
      key,
    ) =>
      call(
        'POST',
        '/api/v1/runs',
        {
          source,
          ...(stdin && { stdin }),
          ...(stdin_open && { stdin_open }),
          ...(display && { display }),
          ...(args.length > 0 && { args }),
          ...(Object.keys(limits).length > 0 && { limits }),
          ...(files && { files }),
          ...(outputs && { outputs }),
        },
        decodeRun,
        { 'idempotency-key': key },
      ),
    // The output comes from the stream, all of it.
    getRun: (id) =>
      call('GET', `/api/v1/runs/${encodeURIComponent(id)}?output=none`, null, decodeRun),
    getSubmission: (id) =>
      call('GET', `/api/v1/runs/${encodeURIComponent(id)}/submission`, null, decodeSubmission),
    cancelRun: (id) =>
      call('POST', `/api/v1/runs/${encodeURIComponent(id)}/cancel`, null, () => null),
    sendStdin: (id, text, number) => {
      const query = new URLSearchParams();
      if (number !== null) query.set('seq', String(number));
      if (text === null) query.set('end', 'true');
      const path = `/api/v1/runs/${encodeURIComponent(id)}/stdin?${query.toString()}`;
      return call('POST', path, text, decodeNextStdin);
    },
    getEnvironment: () => call('GET', '/api/v1/environment', null, decodeEnvironment),
    getTable: (url) => call('GET', url, null, decodeTable, { accept: tableType }),
    createShare: (run_id) => call('POST', '/api/v1/shares', { run_id }, decodeNewShare),
    getShare: (id, after) =>
      call('GET', `${shareAddress(id)}?output=merged&after=${after}`, null, decodeShare),
    getSharedSubmission: (id) =>
      call('GET', `${shareAddress(id)}/submission`, null, decodeSubmission),
    revokeShare: (id, token) =>
      call('DELETE', shareAddress(id), null, () => null, { 'revoke-token': token }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function describeRefusal(status: number, headers: Headers, json: unknown): Answer<never> {
  // A gateway's own errors say only that the api did not answer.
  if (status === 502 || status === 504) return { kind: 'unreachable' };
  const problem = decodeProblem(json, titleOf(status));
  if (status === 429 || (status === 503 && busyCodes.some((code) => code === problem.code))) {
    return { kind: 'busy', retryAfterMs: parseRetryAfter(headers.get('retry-after')) };
  }
  return status >= 500
    ? { kind: 'unconfirmed', problem, isFinal: problem.code !== 'unknown_outcome' }
    : { kind: 'refused', status, problem };
}

const titleOf = (status: number): string =>
  status === 413 ? words.problem.tooLarge : words.problem.unexpected(status);

/** `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), kept within sensible bounds. */
export function parseRetryAfter(value: string | null, now: number = Date.now()): number {
  if (value === null) return defaultRetryMs;
  const seconds = Number(value);
  const delay = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - now;
  if (!Number.isFinite(delay)) return defaultRetryMs;
  return Math.min(longestRetryMs, Math.max(1_000, delay));
}
