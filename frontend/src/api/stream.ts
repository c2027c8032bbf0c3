// Follows the events of one run. EventSource reconnects with Last-Event-ID by itself. This adds what it
// does not do: reopening after an HTTP error or on a silent connection, and dropping repeated output.
import type { Progress, Run, StreamName } from '../domain/run';
import {
  decodeAttempt,
  decodeOutputMessage,
  decodeRecordId,
  decodeProgress,
  decodeRun,
  type OutputMessage,
} from './wire';

export interface StreamListener {
  onProgress(progress: Progress): void;
  onOutput(stream: StreamName, text: string, droppedBytes: number): void;
  /** The output of an earlier attempt is void. */
  onReset(attempt: number): void;
  onEnd(run: Run): void;
  onConnection(state: 'open' | 'lost'): void;
  /** A message does not fit the contract. After an unreadable `end` the stream is closed. */
  onUnreadable(event: string, reason: string): void;
  /** The server refuses the stream. The caller finds out why, then calls `reopen` or `close`. */
  onRefused(): void;
}

export interface RunStream {
  reopen(): void;
  close(): void;
}

/** Twice the server's heartbeat, which EventSource does not show. After it a connection may be dead. */
const silenceMs = 30_000;

export type EventSourceFactory = (url: string) => EventSource;

export function openRunStream(
  runId: string,
  listener: StreamListener,
  createSource: EventSourceFactory = (url) => new EventSource(url),
): RunStream {
  const url = `/api/v1/runs/${encodeURIComponent(runId)}/events`;
  let source: EventSource | null = null;
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  const received = { stdout: 0, stderr: 0 };
  const repeated = { stdout: 0, stderr: 0 };

  const close = () => {
    clearTimeout(watchdog);
    source?.close();
    source = null;
  };

  const heard = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(open, silenceMs);
  };

  const startAttempt = (number: number) => {
    attempt = number;
    received.stdout = received.stderr = 0;
    repeated.stdout = repeated.stderr = 0;
  };

  /**
   * A stream that is opened again starts from the beginning, so each of the two texts begins with what
   * has already been passed on. Characters are counted, not records, which may be split differently.
   */
  const passOn = (stream: StreamName, { text, dropped_bytes }: OutputMessage) => {
    const skipped = Math.min(text.length, repeated[stream]);
    repeated[stream] -= skipped;
    if (skipped > 0 && skipped === text.length) return;
    received[stream] += text.length - skipped;
    listener.onOutput(stream, text.slice(skipped), skipped > 0 ? 0 : dropped_bytes);
  };

  const open = () => {
    close();
    Object.assign(repeated, received);
    const current = createSource(url);
    source = current;
    heard();
    const on = (name: string, handle: (json: unknown, id: string) => void) => {
      current.addEventListener(name, (event: MessageEvent<unknown>) => {
        if (source !== current) return;
        heard();
        try {
          handle(typeof event.data === 'string' ? JSON.parse(event.data) : null, event.lastEventId);
        } catch (error) {
          // One unreadable message does not end the stream: the run's end still arrives.
          if (name === 'end') close();
          listener.onUnreadable(name, error instanceof Error ? error.message : String(error));
        }
      });
    };
    current.addEventListener('open', () => {
      if (source === current) listener.onConnection('open');
    });
    current.addEventListener('error', () => {
      if (source !== current) return;
      listener.onConnection('lost');
      // After anything but a broken connection EventSource gives up for good.
      if (current.readyState === 2 /* CLOSED */) {
        close();
        listener.onRefused();
      }
    });
    on('status', (json) => {
      listener.onProgress(decodeProgress(json));
    });
    for (const stream of ['stdout', 'stderr'] as const) {
      on(stream, (json, id) => {
        const record = decodeRecordId(id);
        if (record && record.attempt > attempt) {
          // The reset was missed while the connection was lost.
          if (attempt > 0) listener.onReset(record.attempt);
          startAttempt(record.attempt);
        }
        passOn(stream, decodeOutputMessage(json));
      });
    }
    on('reset', (json) => {
      const next = decodeAttempt(json);
      // A replay repeats the reset of an attempt whose output is already shown.
      if (next <= attempt) return;
      startAttempt(next);
      listener.onReset(next);
    });
    on('end', (json) => {
      const run = decodeRun(json);
      close();
      listener.onEnd(run);
    });
  };

  open();
  return { reopen: open, close };
}
