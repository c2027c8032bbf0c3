import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer, Client } from './api/client';
import type { StreamListener } from './api/stream';
import { OutputLog } from './domain/output-log';
import type { Run } from './domain/run';
import { textOf } from './domain/terminal';
import { createCommands, type Commands } from './effects';
import { createStore, type Store } from './state/store';
import { aProblem, aRun } from './testing/builders';

const submission = { source: 'print(1)', stdin: '' };
const run = aRun();
const ok: Answer<Run> = { kind: 'ok', value: run };
const unconfirmed: Answer<never> = {
  kind: 'unconfirmed',
  problem: aProblem({ code: 'unknown_outcome' }),
  isFinal: false,
};
const problem = aProblem();

let store: Store;
let client: { [K in keyof Client]: ReturnType<typeof vi.fn<Client[K]>> };
let output: OutputLog;
let streams: { listener: StreamListener; reopen: () => void; close: () => void }[];
let timers: (() => void)[];
let pauses: number[];
let remembered: (string | null)[];
let keys: number;
let commands: Commands;

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
const stream = () => {
  const last = streams.at(-1);
  if (!last) throw new Error('no stream was opened');
  return last;
};
const elapse = async () => {
  for (const timer of timers.splice(0)) timer();
  await settle();
};
const kind = () => store.get().phase.kind;

beforeEach(() => {
  store = createStore();
  output = new OutputLog();
  streams = [];
  timers = [];
  pauses = [];
  remembered = [];
  keys = 0;
  client = {
    createRun: vi.fn<Client['createRun']>().mockResolvedValue(ok),
    getRun: vi.fn<Client['getRun']>().mockResolvedValue(ok),
    getSubmission: vi.fn<Client['getSubmission']>().mockResolvedValue({ kind: 'unreachable' }),
    getEnvironment: vi.fn<Client['getEnvironment']>().mockResolvedValue({ kind: 'unreachable' }),
    getTable: vi.fn<Client['getTable']>().mockResolvedValue({ kind: 'unreachable' }),
    sendStdin: vi.fn<Client['sendStdin']>(),
    cancelRun: vi.fn<Client['cancelRun']>().mockResolvedValue({ kind: 'ok', value: null }),
  };
  commands = createCommands({
    store,
    client,
    output,
    openStream: (_id, listener) => {
      const opened = { listener, reopen: vi.fn<() => void>(), close: vi.fn<() => void>() };
      streams.push(opened);
      return opened;
    },
    remember: (id) => remembered.push(id),
    newKey: () => {
      keys += 1;
      return `key ${keys}`;
    },
    now: () => 0,
    later: (action, milliseconds) => {
      timers.push(action);
      pauses.push(milliseconds);
    },
  });
});

describe('run', () => {
  it('submits, follows and ends', async () => {
    commands.run(submission);
    expect(kind()).toBe('submitting');
    await settle();
    expect(kind()).toBe('active');
    stream().listener.onOutput('stdout', 'hello\n', 0);
    stream().listener.onEnd(aRun({ status: 'succeeded' }));
    expect(kind()).toBe('ended');
    expect(output.lineCount).toBe(1);
    expect(remembered).toEqual([null, run.id]);
  });

  it('asks the server before it clears away what was shown', () => {
    const cleared = vi.spyOn(output, 'reset');
    client.createRun.mockImplementation(() => {
      expect(cleared).not.toHaveBeenCalled();
      expect(remembered).toEqual([]);
      return new Promise(() => undefined);
    });
    commands.run(submission);
    expect(client.createRun).toHaveBeenCalledTimes(1);
    expect(cleared).toHaveBeenCalledTimes(1);
    expect(remembered).toEqual([null]);
  });

  it('is refused while another run is active', async () => {
    commands.run(submission);
    await settle();
    commands.run(submission);
    expect(client.createRun).toHaveBeenCalledTimes(1);
    expect(store.get().notice?.text).toMatch(/Still running/);
  });

  it('tries again when the server is busy, and not for ever', async () => {
    client.createRun.mockResolvedValue({ kind: 'busy', retryAfterMs: 2_000 });
    commands.run(submission);
    await settle();
    expect(store.get().phase).toEqual({ kind: 'busy', retryAt: 2_000, isInDoubt: false });
    for (let i = 0; i < 10; i += 1) await elapse();
    expect(kind()).toBe('refused');
    expect(client.createRun).toHaveBeenCalledTimes(6);
  });

  it('does not try again after a stop', async () => {
    client.createRun.mockResolvedValue({ kind: 'busy', retryAfterMs: 2_000 });
    commands.run(submission);
    await settle();
    commands.stop();
    await elapse();
    expect(kind()).toBe('idle');
    expect(client.createRun).toHaveBeenCalledTimes(1);
  });

  it.each<[string, Answer<Run>]>([
    ['refused', { kind: 'refused', status: 422, problem }],
    ['unconfirmed', { kind: 'unconfirmed', problem, isFinal: true }],
  ])(
    'shows that it was %s, does not repeat it, and lets the next one through',
    async (want, answer) => {
      client.createRun.mockResolvedValueOnce(answer);
      commands.run(submission);
      await settle();
      expect(kind()).toBe(want);
      expect(timers).toEqual([]);
      expect(client.createRun).toHaveBeenCalledTimes(1);
      commands.run(submission);
      await settle();
      expect(kind()).toBe('active');
    },
  );

  it.each<[string, Answer<Run>]>([
    ['unreachable', { kind: 'unreachable' }],
    ['unconfirmed', unconfirmed],
  ])(
    'repeats it with its key when the answer is lost, and says %s in the end',
    async (want, lost) => {
      client.createRun.mockResolvedValue(lost);
      commands.run(submission);
      await settle();
      expect(store.get().phase).toEqual({ kind: 'busy', retryAt: 500, isInDoubt: true });
      for (let i = 0; i < 10; i += 1) await elapse();
      expect(kind()).toBe(want);
      expect(pauses).toEqual([500, 1_000, 2_000]);
      expect(client.createRun.mock.calls.map(([, key]) => key)).toEqual(Array(4).fill('key 1'));
    },
  );

  it('finds the run that was accepted although its answer was lost', async () => {
    client.createRun.mockResolvedValueOnce({ kind: 'unreachable' });
    commands.run(submission);
    await settle();
    await elapse();
    expect(kind()).toBe('active');
    stream().listener.onEnd(aRun({ status: 'succeeded' }));
    commands.run(submission);
    await settle();
    expect(client.createRun).toHaveBeenLastCalledWith(submission, 'key 2');
  });

  it('does not take a busy server for a refusal when an earlier answer was lost', async () => {
    client.createRun.mockResolvedValue({ kind: 'busy', retryAfterMs: 2_000 });
    client.createRun.mockResolvedValueOnce({ kind: 'unreachable' });
    commands.run(submission);
    await settle();
    for (let i = 0; i < 10; i += 1) await elapse();
    expect(kind()).toBe('unreachable');
  });

  it('tells in its place what the server dropped', async () => {
    commands.run(submission);
    await settle();
    stream().listener.onOutput('stdout', 'head\n', 0);
    stream().listener.onOutput('stdout', 'tail\n', 2048);
    output.work(() => true);
    expect(output.terminal.rows.map(textOf)).toEqual([
      'head',
      '2 KiB of stdout left out here',
      'tail',
    ]);
  });

  it('clears the output when a new attempt begins', async () => {
    commands.run(submission);
    await settle();
    stream().listener.onOutput('stdout', 'old\n', 0);
    stream().listener.onReset(2);
    expect(output.lineCount).toBe(0);
  });
});

describe('a run that waits or begins again', () => {
  const progress = (status: Run['status'], attempt = 1) => {
    stream().listener.onProgress({ status, queue_position: null, starts_in_ms: null, attempt });
  };
  const waiting = aRun({ message: 'No node has room' });
  beforeEach(async () => {
    commands.run(submission);
    await settle();
    client.getRun.mockResolvedValue({ kind: 'ok', value: waiting });
  });

  it('is asked why after a while, and again for as long as it waits', async () => {
    progress('queued');
    progress('starting');
    expect(pauses).toEqual([2_000]);
    await elapse();
    expect(store.get().phase).toMatchObject({ run: { message: 'No node has room' } });
    expect(pauses).toEqual([2_000, 10_000]);
    progress('running');
    await elapse();
    expect(client.getRun).toHaveBeenCalledTimes(1);
    expect(timers).toEqual([]);
    progress('queued');
    expect(pauses).toEqual([2_000, 10_000, 2_000]);
  });

  it('is not asked when it has ended', async () => {
    progress('queued');
    stream().listener.onEnd(aRun({ status: 'succeeded' }));
    await elapse();
    expect(client.getRun).not.toHaveBeenCalled();
    expect(timers).toEqual([]);
  });

  it('stays as it is when the server does not answer, and is asked again', async () => {
    client.getRun.mockResolvedValue({ kind: 'unreachable' });
    progress('queued');
    await elapse();
    expect(kind()).toBe('active');
    expect(timers).toHaveLength(1);
  });

  it('is asked at once, and once, what interrupted it when a new attempt begins', async () => {
    const interruptions = [{ attempt: 1, reason: 'pod_lost', message: null, node: 'node-a' }];
    client.getRun.mockResolvedValue({ kind: 'ok', value: aRun({ interruptions }) });
    progress('running');
    expect(client.getRun).not.toHaveBeenCalled();
    progress('running', 2);
    progress('running', 2);
    await settle();
    expect(client.getRun).toHaveBeenCalledTimes(1);
    expect(store.get().phase).toMatchObject({ run: { interruptions } });
  });
});

describe('an answer that comes too late', () => {
  it('is dropped when a newer submission was made', async () => {
    client.createRun.mockResolvedValueOnce({ kind: 'refused', status: 422, problem });
    commands.run(submission);
    await settle();
    commands.run(submission);
    await settle();
    commands.open('01jother', '');
    stream().listener.onEnd(aRun({ status: 'succeeded' }));
    expect(kind()).toBe('seeking');
  });
});

describe('stop', () => {
  it('shows at once that it is stopping', async () => {
    commands.run(submission);
    await settle();
    commands.stop();
    expect(store.get().phase).toMatchObject({ isStopping: true });
    expect(client.cancelRun).toHaveBeenCalledWith(run.id);
  });

  it('cancels a run that was not yet accepted when it was pressed', async () => {
    commands.run(submission);
    commands.stop();
    expect(client.cancelRun).not.toHaveBeenCalled();
    await settle();
    expect(client.cancelRun).toHaveBeenCalledWith(run.id);
  });

  it('tries again when the server did not confirm: a stop may be repeated', async () => {
    client.cancelRun.mockResolvedValueOnce(unconfirmed);
    commands.run(submission);
    await settle();
    commands.stop();
    await settle();
    await elapse();
    expect(client.cancelRun).toHaveBeenCalledTimes(2);
  });

  it('tries again when the server cannot be reached, then says so', async () => {
    client.cancelRun.mockResolvedValue({ kind: 'unreachable' });
    commands.run(submission);
    await settle();
    commands.stop();
    await settle();
    for (let i = 0; i < 5; i += 1) await elapse();
    expect(client.cancelRun).toHaveBeenCalledTimes(4);
    expect(store.get().phase).toMatchObject({ isStopping: false });
    expect(store.get().notice?.text).toMatch(/Press Stop again/);
  });

  it('says so when nothing runs', () => {
    commands.stop();
    expect(store.get().notice?.text).toMatch(/Nothing is running/);
  });
});

describe('a refused stream', () => {
  it('is opened again while the server knows the run', async () => {
    commands.run(submission);
    await settle();
    stream().listener.onRefused();
    await elapse();
    expect(stream().reopen).toHaveBeenCalled();
    expect(kind()).toBe('active');
  });

  it('is opened again more slowly each time, and at once after new output', async () => {
    commands.run(submission);
    await settle();
    for (let i = 0; i < 6; i += 1) stream().listener.onRefused();
    stream().listener.onOutput('stdout', 'a', 0);
    stream().listener.onRefused();
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000, 500]);
  });

  it('shows in the meantime that the connection is lost', async () => {
    commands.run(submission);
    await settle();
    stream().listener.onConnection('lost');
    expect(store.get().phase).toMatchObject({ connection: 'lost' });
    stream().listener.onConnection('open');
    expect(store.get().phase).toMatchObject({ connection: 'open' });
  });

  it('ends the waiting when the server no longer knows the run', async () => {
    commands.run(submission);
    await settle();
    client.getRun.mockResolvedValue({ kind: 'refused', status: 404, problem });
    stream().listener.onRefused();
    await elapse();
    expect(store.get().phase).toMatchObject({
      kind: 'lost',
      problem: { title: expect.stringMatching(/no longer knows/) as string },
    });
  });
});

describe('an unreadable message', () => {
  beforeEach(async () => {
    commands.run(submission);
    await settle();
  });

  it('leaves a notice in the output', () => {
    stream().listener.onUnreadable('stdout', 'text: Invalid type');
    output.work(() => true);
    expect(output.terminal.rows.map(textOf)).toEqual([expect.stringMatching(/could not be read/)]);
    expect(kind()).toBe('active');
  });

  it('ends the run on the page when it was the end', () => {
    stream().listener.onUnreadable('end', 'status: Invalid type');
    expect(store.get().phase).toMatchObject({
      kind: 'lost',
      problem: { detail: expect.stringContaining('status: Invalid type') as string },
    });
    expect(remembered).toEqual([null, run.id]);
  });
});
