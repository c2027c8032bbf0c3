// Ruff, which finds mistakes and formats. It is large, so it comes when it is asked for, in a worker (ruff-worker.ts).
import workerUrl from './ruff-worker?worker&url';
import type { Finding, RuffAnswer, RuffRequest } from './ruff-messages';
import type { Fault } from './syntax';

export interface Ruff {
  /** Begins to load it, or tries again after a failure. */
  readonly load: () => void;
  /** Null while it is not there. */
  readonly check: (text: string) => Promise<readonly Fault[] | null>;
  /** Waits for it. */
  readonly format: (text: string) => Promise<Formatted>;
}

export type Formatted =
  | { readonly kind: 'formatted'; readonly text: string }
  | { readonly kind: 'invalid' | 'unavailable' };

/** The part of `Worker` that is used here. */
export type RuffWorker = Pick<Worker, 'addEventListener' | 'terminate'> & {
  postMessage(request: RuffRequest): void;
};

interface Waiting {
  readonly request: RuffRequest;
  /** Null: there will be none. */
  readonly done: (answer: RuffAnswer | null) => void;
}

export function createRuff(onReady: () => void, open: () => RuffWorker = openWorker): Ruff {
  let worker: RuffWorker | null = null;
  let isReady = false;
  let count = 0;
  const waiting = new Map<number, Waiting>();

  const fail = (reason: string) => {
    console.warn('ruff could not be loaded', reason);
    worker?.terminate();
    worker = null;
    isReady = false;
    for (const { done } of waiting.values()) done(null);
    waiting.clear();
  };
  const hear = (answer: RuffAnswer) => {
    switch (answer.kind) {
      case 'ready':
        isReady = true;
        for (const { request } of waiting.values()) worker?.postMessage(request);
        onReady();
        break;
      case 'failed':
        fail(answer.reason);
        break;
      case 'checked':
      case 'formatted':
        waiting.get(answer.number)?.done(answer);
        waiting.delete(answer.number);
    }
  };
  const load = () => {
    if (worker) return;
    worker = open();
    worker.addEventListener('message', (event) => {
      hear((event as MessageEvent<RuffAnswer>).data);
    });
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      fail(event.message);
    });
  };
  const ask = (kind: RuffRequest['kind'], text: string) =>
    new Promise<RuffAnswer | null>((done) => {
      const request = { number: count++, kind, text };
      waiting.set(request.number, { request, done });
      if (isReady) worker?.postMessage(request);
    });

  return {
    load,
    async check(text) {
      if (!isReady) return null;
      const answer = await ask('check', text);
      return answer?.kind === 'checked' ? toFaults(answer.findings, text) : null;
    },
    async format(text) {
      load();
      const answer = await ask('format', text);
      if (answer?.kind !== 'formatted') return { kind: 'unavailable' };
      return answer.text === null ? { kind: 'invalid' } : { kind: 'formatted', text: answer.text };
    },
  };
}

/** What runs all the same. */
const harmless = /^(?:F401|F541|F811|F841|W|NPY)/;

function toFaults(findings: readonly Finding[], text: string): Fault[] {
  const lines = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines.push(at + 1);
  const offset = ({ row, column }: Finding['start_location']) =>
    Math.min((lines[row - 1] ?? text.length) + column - 1, text.length);
  return findings.map(({ code, message, start_location, end_location }) => ({
    from: offset(start_location),
    to: offset(end_location),
    message: code === null ? message : `${message} (${code})`,
    severity: harmless.test(code ?? '') ? 'warning' : 'error',
  }));
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): URL };
}

/** Where a site asks for trusted types, the address of a worker has to be one. */
function openWorker(): RuffWorker {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  policy ??= trustedTypes?.createPolicy('oneshot-worker', { createScriptURL: () => workerUrl });
  return new Worker(policy?.createScriptURL(workerUrl) ?? workerUrl, { type: 'module' });
}
let policy: ReturnType<TrustedTypes['createPolicy']> | undefined;
