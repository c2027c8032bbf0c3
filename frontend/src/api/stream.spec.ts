import { beforeEach, describe, expect, it, vi } from 'vitest';
import { openRunStream, type StreamListener } from './stream';
import { aDisplay } from '../testing/builders';

class FakeSource extends EventTarget {
  readyState = 1;
  readonly close = vi.fn();
  private lastEventId = '';

  /** An event without an id shows the last one, as those of EventSource do. */
  send(name: string, data: unknown, id?: string): void {
    this.lastEventId = id ?? this.lastEventId;
    const init = { data: JSON.stringify(data), lastEventId: this.lastEventId };
    this.dispatchEvent(new MessageEvent(name, init));
  }

  fail(readyState: number): void {
    this.readyState = readyState;
    this.dispatchEvent(new Event('error'));
  }
}

let sources: FakeSource[];
let log: string[];
let listener: StreamListener;

const open = () =>
  openRunStream('01j', listener, () => {
    const source = new FakeSource();
    sources.push(source);
    return source as unknown as EventSource;
  });
const source = (index = 0): FakeSource => {
  const found = sources[index];
  if (!found) throw new Error(`no source ${index}`);
  return found;
};

beforeEach(() => {
  vi.useFakeTimers();
  sources = [];
  log = [];
  listener = {
    onProgress: ({ status }) => log.push(`status ${status}`),
    onOutput: (stream, text, dropped) => log.push(`${stream} ${text} ${dropped}`),
    onDisplay: ({ number }) => log.push(`display ${number}`),
    onReset: (attempt) => log.push(`reset ${attempt}`),
    onEnd: (run) => log.push(`end ${run.status}`),
    onConnection: (state) => log.push(state),
    onRefused: () => log.push('refused'),
    onUnreadable: (event) => log.push(`unreadable ${event}`),
  };
});

describe('openRunStream', () => {
  it('passes on what comes and closes at the end', () => {
    open();
    source().send('status', { status: 'running' });
    source().send('stdout', { text: 'a' }, '1-0');
    source().send('stderr', { text: 'b', dropped_bytes: 5 }, '1-1');
    source().send('end', { id: '01j', status: 'succeeded' });
    expect(log).toEqual(['status running', 'stdout a 0', 'stderr b 5', 'end succeeded']);
    expect(source().close).toHaveBeenCalled();
  });

  it('passes on what is new when the stream starts again', () => {
    const stream = open();
    source().send('stdout', { text: 'ab' }, '1-0');
    source().send('stderr', { text: '', dropped_bytes: 3 }, '1-1');
    source().send('stdout', { text: 'cd', dropped_bytes: 7 }, '1-2');
    stream.reopen();
    source(1).send('stdout', { text: 'ab' }, '1-0');
    source(1).send('stderr', { text: '', dropped_bytes: 3 }, '1-1');
    source(1).send('stdout', { text: 'cd', dropped_bytes: 7 }, '1-2');
    source(1).send('stderr', { text: 'y' }, '1-3');
    expect(log).toEqual(['stdout ab 0', 'stderr  3', 'stdout cd 7', 'stderr y 0']);
  });

  describe('of a record that comes in pieces', () => {
    const sendRecord = (to: FakeSource, id: string) => {
      to.send('stdout', { text: 'a' });
      to.send('stderr', { text: 'b', dropped_bytes: 2 });
      to.send('stdout', { text: 'c' }, id);
    };
    const shown = ['stdout a 0', 'stderr b 2', 'stdout c 0'];

    it('passes on each piece in order', () => {
      open();
      sendRecord(source(), '1-0');
      sendRecord(source(), '1-1');
      expect(log).toEqual([...shown, ...shown]);
    });

    it('takes pieces that repeat the text before them for new ones', () => {
      open();
      source().send('stdout', { text: 'a' }, '1-0');
      source().send('stdout', { text: 'a' });
      source().send('stdout', { text: 'a' }, '1-1');
      expect(log).toEqual(['stdout a 0', 'stdout a 0', 'stdout a 0']);
    });

    it('shows them once when the connection was lost between them', () => {
      open();
      source().send('stdout', { text: 'before' }, '1-0');
      source().send('stdout', { text: 'a' });
      source().send('stderr', { text: 'b', dropped_bytes: 2 });
      source().fail(0);
      sendRecord(source(), '1-1');
      expect(log).toEqual(['stdout before 0', 'lost', ...shown]);
    });

    it('shows them once when a browser forgets the last id with its connection', () => {
      open();
      source().send('stdout', { text: 'before' }, '1-0');
      source().send('stdout', { text: 'a' });
      source().fail(0);
      source().send('status', { status: 'running' }, '');
      sendRecord(source(), '1-1');
      expect(log).toEqual(['stdout before 0', 'lost', 'status running', ...shown]);
    });

    it('shows them once when the stream starts again between them', () => {
      const stream = open();
      sendRecord(source(), '1-0');
      source().send('stdout', { text: 'a' });
      stream.reopen();
      sendRecord(source(1), '1-0');
      sendRecord(source(1), '1-1');
      expect(log).toEqual([...shown, ...shown]);
    });

    it('shows nothing of an incomplete record of an earlier attempt', () => {
      open();
      source().send('stdout', { text: 'void' });
      source().send('reset', { attempt: 2 });
      sendRecord(source(), '2-0');
      expect(log).toEqual(['reset 2', ...shown]);
    });

    it('keeps the pieces that told of a missed reset', () => {
      open();
      source().send('stdout', { text: 'old' }, '1-0');
      source().fail(0);
      sendRecord(source(), '2-0');
      expect(log).toEqual(['stdout old 0', 'lost', 'reset 2', ...shown]);
    });

    it('passes on what has no id before the end', () => {
      open();
      source().send('stdout', { text: 'a' }, '1-0');
      source().send('stdout', { text: '\ufffd' });
      source().send('end', { id: '01j', status: 'succeeded' });
      expect(log).toEqual(['stdout a 0', 'stdout \ufffd 0', 'end succeeded']);
    });

    it('ends a record with an event that it cannot read', () => {
      open();
      source().send('stdout', { text: 'a' });
      source().send('stdout', { text: 5 }, '1-0');
      source().send('stdout', { text: 'b' });
      source().fail(0);
      sendRecord(source(), '1-1');
      expect(log).toEqual(['unreadable stdout', 'stdout a 0', 'lost', ...shown]);
    });

    it('passes on what is shown between them, once', () => {
      const stream = open();
      source().send('display', aDisplay(), '1-0');
      source().send('stdout', { text: 'a' });
      stream.reopen();
      source(1).send('display', aDisplay(), '1-0');
      sendRecord(source(1), '1-1');
      expect(log).toEqual(['display 0', ...shown]);
    });

    it('passes on nothing that would be loaded from elsewhere', () => {
      open();
      source().send('display', aDisplay({ url: 'https://example.org/' }), '1-0');
      source().send('display', aDisplay({ url: '//example.org/displays/0' }), '1-1');
      source().send('display', { ...aDisplay(), mime: 'text/html' }, '1-2');
      expect(log).toEqual(['unreadable display', 'unreadable display', 'unreadable display']);
    });
  });

  it('notices a new attempt whose reset it missed', () => {
    const stream = open();
    source().send('stdout', { text: 'a' }, '1-0');
    stream.reopen();
    source(1).send('stdout', { text: 'a' }, '2-0');
    expect(log).toEqual(['stdout a 0', 'reset 2', 'stdout a 0']);
  });

  it('starts counting again after a reset, and takes a repeated reset once', () => {
    const stream = open();
    source().send('stdout', { text: 'a' }, '1-4');
    source().send('reset', { attempt: 2 });
    source().send('stdout', { text: 'b' }, '2-0');
    stream.reopen();
    source(1).send('reset', { attempt: 2 });
    source(1).send('stdout', { text: 'b' }, '2-0');
    expect(log).toEqual(['stdout a 0', 'reset 2', 'stdout b 0']);
  });

  it('tells a lost connection apart from a refused one', () => {
    open();
    source().fail(0);
    expect(log).toEqual(['lost']);
    source().fail(2);
    expect(log).toEqual(['lost', 'lost', 'refused']);
  });

  it('opens a stream again that has been silent for too long', () => {
    open();
    vi.advanceTimersByTime(41_000);
    expect(sources).toHaveLength(2);
    expect(source().close).toHaveBeenCalled();
  });

  it('keeps a stream on which nothing but the heart beats', () => {
    open();
    for (let i = 0; i < 10; i += 1) {
      vi.advanceTimersByTime(30_000);
      source().send('heartbeat', {});
    }
    expect(sources).toHaveLength(1);
    expect(log).toEqual([]);
  });

  it('survives messages that it cannot read, and tells of them', () => {
    open();
    source().dispatchEvent(new MessageEvent('stdout', { data: '{' }));
    source().send('status', { status: 'new' });
    source().send('stdout', { text: 'a' }, '1-0');
    expect(log).toEqual(['unreadable stdout', 'unreadable status', 'stdout a 0']);
  });

  it('closes after an end that it cannot read: no other one will come', () => {
    open();
    source().send('end', { id: '01j', status: 'new' });
    source().send('stdout', { text: 'late' }, '1-0');
    expect(log).toEqual(['unreadable end']);
    expect(source().close).toHaveBeenCalled();
  });

  it('hears nothing after it was closed', () => {
    const stream = open();
    stream.close();
    source().send('stdout', { text: 'late' }, '1-0');
    vi.advanceTimersByTime(60_000);
    expect(log).toEqual([]);
    expect(sources).toHaveLength(1);
  });
});
