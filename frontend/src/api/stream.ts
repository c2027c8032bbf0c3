// Follows the events of one run. EventSource reconnects with Last-Event-ID by itself. This adds what it
// does not do: reopening after an HTTP error or on a silent connection, and passing on each record of
// output exactly once.
//
// A record comes as one event or several, of which only the last has an id. Its events wait for that one,
// so a record that the end of a connection has cut is forgotten here and comes again as a whole.
import type { Display, Progress, Run, StreamName } from '../domain/run';
import {
  decodeAttempt,
  decodeDisplay,
  decodeOutputMessage,
  decodeRecordId,
  decodeProgress,
  decodeRun,
  type OutputMessage,
  type RecordId,
} from './wire';

export interface StreamListener {
  onProgress(progress: Progress): void;
  onOutput(stream: StreamName, text: string, droppedBytes: number): void;
  onDisplay(display: Display): void;
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

type Piece = (OutputMessage & { readonly stream: StreamName }) | { readonly display: Display };

/** Two of the server's heartbeats, which may be late. After it the connection is dead. */
const silenceMs = 40_000;

export type EventSourceFactory = (url: string) => EventSource;

export function openRunStream(
  runId: string,
  listener: StreamListener,
  createSource: EventSourceFactory = (url) => new EventSource(url),
): RunStream {
  const url = `/api/v1/runs/${encodeURIComponent(runId)}/events`;
  let source: EventSource | null = null;
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  /** The last record that was passed on. Those up to it are repeated when the stream starts again. */
  let last: RecordId = { attempt: 0, sequence: -1 };
  /** The `id:` that EventSource shows at every event until the next one comes. */
  let lastEventId = '';
  /** Events of the record whose id has not come yet. */
  let held: Piece[] = [];

  const close = () => {
    clearTimeout(watchdog);
    source?.close();
    source = null;
  };

  const heard = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(open, silenceMs);
  };

  const passOn = () => {
    const pieces = held;
    held = [];
    for (const piece of pieces) {
      if ('display' in piece) listener.onDisplay(piece.display);
      else listener.onOutput(piece.stream, piece.text, piece.dropped_bytes);
    }
  };

  /** Ends a record if the event has an id of its own. */
  const endRecord = (id: string) => {
    const record = id === lastEventId ? null : decodeRecordId(id);
    if (!record) return;
    lastEventId = id;
    const isRepeated =
      record.attempt < last.attempt ||
      (record.attempt === last.attempt && record.sequence <= last.sequence);
    if (isRepeated) {
      held = [];
      return;
    }
    // The reset was missed while the connection was lost.
    if (last.attempt > 0 && record.attempt > last.attempt) listener.onReset(record.attempt);
    last = record;
    passOn();
  };

  const open = () => {
    close();
    held = [];
    lastEventId = '';
    const current = createSource(url);
    source = current;
    heard();
    const on = (name: string, handle: (json: unknown) => void) => {
      current.addEventListener(name, (event: MessageEvent<unknown>) => {
        if (source !== current) return;
        heard();
        try {
          handle(typeof event.data === 'string' ? JSON.parse(event.data) : null);
        } catch (error) {
          // One unreadable message does not end the stream: the run's end still arrives.
          if (name === 'end') close();
          listener.onUnreadable(name, error instanceof Error ? error.message : String(error));
        }
        endRecord(event.lastEventId);
      });
    };
    current.addEventListener('open', () => {
      if (source === current) listener.onConnection('open');
    });
    current.addEventListener('error', () => {
      if (source !== current) return;
      held = [];
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
      on(stream, (json) => {
        held.push({ stream, ...decodeOutputMessage(json) });
      });
    }
    // It is only there to be heard.
    on('heartbeat', () => undefined);
    on('display', (json) => {
      held.push({ display: decodeDisplay(json) });
    });
    on('reset', (json) => {
      const next = decodeAttempt(json);
      held = [];
      // A replay repeats the reset of an attempt whose output is already shown.
      if (next <= last.attempt) return;
      last = { attempt: next, sequence: -1 };
      listener.onReset(next);
    });
    on('end', (json) => {
      const run = decodeRun(json);
      close();
      // What was left of a character that the program never completed has no id.
      passOn();
      listener.onEnd(run);
    });
  };

  open();
  return { reopen: open, close };
}
