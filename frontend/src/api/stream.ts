// Follows one run's events. EventSource reconnects with Last-Event-ID by itself; this adds what it
// does not do: reopening after an HTTP error or a silent connection, and dropping what came twice.
import type { Run, StreamName } from '../domain/run';
import {
  decodeAttempt,
  decodeOutputMessage,
  decodeRecordId,
  decodeRun,
  decodeStatusMessage,
  type RecordId,
  type StatusMessage,
} from './wire';

export interface StreamListener {
  onStatus(message: StatusMessage): void;
  onOutput(stream: StreamName, text: string, droppedBytes: number): void;
  /** The output of an earlier attempt is void. */
  onReset(attempt: number): void;
  onEnd(run: Run): void;
  onConnection(state: 'open' | 'lost'): void;
  /** The server refuses the stream; the caller finds out why, then calls `reopen` or `close`. */
  onRefused(): void;
}

export interface RunStream {
  reopen(): void;
  close(): void;
}

/** Twice the server's heartbeat, which EventSource does not show: then a connection may be dead. */
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
  let last: RecordId | null = null;

  const close = () => {
    clearTimeout(watchdog);
    source?.close();
    source = null;
  };

  const heard = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(open, silenceMs);
  };

  /** A reopened stream starts from the beginning: records seen already are skipped by their number. */
  const isNew = (id: string): boolean => {
    const record = decodeRecordId(id);
    if (!record) return true;
    const isOld =
      last !== null &&
      (record.attempt < last.attempt ||
        (record.attempt === last.attempt && record.sequence <= last.sequence));
    if (!isOld) last = record;
    return !isOld;
  };

  const open = () => {
    close();
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
          // One unreadable message must not end the stream; the run's end still arrives.
          console.warn(`unreadable ${name} event`, error);
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
      listener.onStatus(decodeStatusMessage(json));
    });
    for (const stream of ['stdout', 'stderr'] as const) {
      on(stream, (json, id) => {
        if (!isNew(id)) return;
        const message = decodeOutputMessage(json);
        listener.onOutput(stream, message.text, message.droppedBytes);
      });
    }
    on('reset', (json) => {
      const attempt = decodeAttempt(json);
      // A replay repeats the reset of an attempt whose records are shown already.
      if (last !== null && attempt !== 0 && attempt <= last.attempt) return;
      last = null;
      listener.onReset(attempt);
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
