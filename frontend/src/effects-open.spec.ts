import { beforeEach, expect, it, vi } from 'vitest';
import type { Answer, Client } from './api/client';
import type { StreamListener } from './api/stream';
import { OutputLog } from './domain/output-log';
import type { Run } from './domain/run';
import { createCommands, type Commands } from './effects';
import { createStore, type Store } from './state/store';
import { aProblem, aRun } from './testing/builders';

const run = aRun();
const problem = aProblem();
const getRun = vi.fn<Client['getRun']>();
const close = vi.fn<() => void>();

let store: Store;
let output: OutputLog;
let listeners: StreamListener[];
let timers: (() => void)[];
let remembered: (string | null)[];
let commands: Commands;

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
const phase = () => store.get().phase;

beforeEach(() => {
  store = createStore();
  output = new OutputLog();
  listeners = [];
  timers = [];
  remembered = [];
  close.mockClear();
  getRun.mockReset().mockResolvedValue({ kind: 'ok', value: run });
  const client = { getRun } as unknown as Client;
  commands = createCommands({
    store,
    client,
    output,
    openStream: (_id, listener) => {
      listeners.push(listener);
      return { reopen: vi.fn(), close };
    },
    remember: (id) => remembered.push(id),
    newKey: () => 'key',
    now: () => 0,
    later: (action) => timers.push(action),
  });
});

it('follows a run that has not ended', async () => {
  commands.open(run.id, '');
  expect(phase()).toEqual({ kind: 'seeking', runId: run.id });
  await settle();
  expect(phase().kind).toBe('active');
  expect(listeners).toHaveLength(1);
  expect(remembered.at(-1)).toBe(run.id);
});

it('shows a run that has ended, with its output', async () => {
  const ended = aRun({ status: 'failed', exit_code: 1 });
  getRun.mockResolvedValue({ kind: 'ok', value: ended });
  commands.open(run.id, '');
  await settle();
  listeners[0]?.onOutput('stdout', 'hello\n', 0);
  listeners[0]?.onEnd(ended);
  expect(phase()).toEqual({ kind: 'ended', run: ended });
  expect(output.lineCount).toBe(1);
  expect(remembered.at(-1)).toBe(run.id);
});

it('leaves the run that was shown before', async () => {
  commands.open(run.id, '');
  await settle();
  listeners[0]?.onOutput('stdout', 'of the first\n', 0);
  commands.open('01jother', '');
  expect(close).toHaveBeenCalledTimes(1);
  expect(output.isEmpty).toBe(true);
  listeners[0]?.onEnd(aRun({ status: 'succeeded' }));
  expect(phase()).toEqual({ kind: 'seeking', runId: '01jother' });
});

it('says what to do about a run that the server does not know', async () => {
  getRun.mockResolvedValue({ kind: 'refused', status: 404, problem });
  commands.open(run.id, 'Run it again.');
  await settle();
  expect(phase()).toMatchObject({
    kind: 'lost',
    problem: { title: 'The server does not have this run', detail: 'Run it again.' },
  });
});

it.each<[string, Answer<Run>, string]>([
  ['refused', { kind: 'refused', status: 400, problem }, problem.title],
  ['unreadable', { kind: 'unconfirmed', problem, isFinal: true }, problem.title],
])('shows an answer that is %s', async (_what, answer, title) => {
  getRun.mockResolvedValue(answer);
  commands.open(run.id, '');
  await settle();
  expect(phase()).toMatchObject({ kind: 'lost', problem: { title } });
});

it.each<[string, Answer<Run>]>([
  ['no answer', { kind: 'unreachable' }],
  ['a busy server', { kind: 'busy', retryAfterMs: 1_000 }],
])('tries again after %s, and not for ever', async (_what, answer) => {
  getRun.mockResolvedValue(answer);
  commands.open(run.id, '');
  await settle();
  expect(phase().kind).toBe('seeking');
  for (let i = 0; i < 10; i += 1) {
    for (const timer of timers.splice(0)) timer();
    await settle();
  }
  expect(getRun).toHaveBeenCalledTimes(4);
  expect(phase()).toMatchObject({ kind: 'lost', problem: { title: expect.any(String) as string } });
});
