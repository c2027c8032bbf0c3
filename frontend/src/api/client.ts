// The only caller of fetch. Every way a call can end is a value, because the page has to show it.
import type { Problem, Run, Submission } from '../domain/run';
import { words } from '../words';
import { decodeProblem, decodeRun } from './wire';

export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'refused'; readonly status: number; readonly problem: Problem }
  /** Not accepted; the same request may be sent again after the delay. */
  | { readonly kind: 'busy'; readonly retryAfterMs: number }
  /** No answer, or none that can be read: the request may or may not have been carried out. */
  | { readonly kind: 'unreachable' };

export interface Client {
  createRun(submission: Submission): Promise<Answer<Run>>;
  getRun(id: string): Promise<Answer<Run>>;
  cancelRun(id: string): Promise<Answer<null>>;
}

/** Longer than any answer without `wait` takes; nginx gives up before this. */
const answerTimeoutMs = 30_000;
const defaultRetryMs = 2_000;
const longestRetryMs = 60_000;

export function createClient(fetcher: typeof fetch = fetch): Client {
  const call = async <T>(
    method: string,
    path: string,
    body: unknown,
    decode: (json: unknown) => T,
  ): Promise<Answer<T>> => {
    try {
      const response = await fetcher(path, {
        method,
        headers: {
          accept: 'application/json',
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
        cache: 'no-store',
        credentials: 'same-origin',
        signal: AbortSignal.timeout(answerTimeoutMs),
      });
      const json: unknown = await response.json().catch(() => null);
      if (response.ok) return { kind: 'ok', value: decode(json) };
      if (response.status === 503 || response.status === 429) {
        return { kind: 'busy', retryAfterMs: parseRetryAfter(response.headers.get('retry-after')) };
      }
      // A gateway's own errors say only that the api did not answer.
      if (response.status === 502 || response.status === 504) return { kind: 'unreachable' };
      return {
        kind: 'refused',
        status: response.status,
        problem: decodeProblem(json, titleOf(response.status)),
      };
    } catch {
      return { kind: 'unreachable' };
    }
  };

  return {
    createRun: ({ source, stdin }) =>
      call('POST', '/api/v1/runs', stdin ? { source, stdin } : { source }, decodeRun),
    getRun: (id) => call('GET', `/api/v1/runs/${encodeURIComponent(id)}`, null, decodeRun),
    cancelRun: (id) =>
      call('POST', `/api/v1/runs/${encodeURIComponent(id)}/cancel`, null, () => null),
  };
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
