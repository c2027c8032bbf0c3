import { beforeEach, describe, expect, it, vi } from 'vitest';
import { openRunStream, type StreamListener } from './stream';

class FakeSource extends EventTarget {
  readyState = 1;
  readonly close = vi.fn();

  send(name: string, data: unknown, lastEventId = ''): void {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data), lastEventId }));
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

  it('passes on what is new when the stream starts again, however it is split', () => {
    const stream = open();
    source().send('stdout', { text: 'ab' }, '1-0');
    source().send('stderr', { text: 'x' }, '1-1');
    source().send('stdout', { text: 'cd', dropped_bytes: 7 }, '1-2');
    stream.reopen();
    source(1).send('stdout', { text: 'a' }, '1-0');
    source(1).send('stdout', { text: 'b' }, '1-0');
    source(1).send('stderr', { text: 'xy' }, '1-1');
    source(1).send('stdout', { text: 'cde', dropped_bytes: 7 }, '1-2');
    expect(log).toEqual(['stdout ab 0', 'stderr x 0', 'stdout cd 7', 'stderr y 0', 'stdout e 0']);
  });

  it('takes what continues a record under the same id', () => {
    open();
    source().send('stdout', { text: 'a' }, '1-0');
    source().send('stdout', { text: 'b' }, '1-0');
    expect(log).toEqual(['stdout a 0', 'stdout b 0']);
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
    vi.advanceTimersByTime(31_000);
    expect(sources).toHaveLength(2);
    expect(source().close).toHaveBeenCalled();
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
