// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from 'vitest';
import { OutputLog } from '../domain/output-log';
import type { Phase } from '../state/reduce';
import { createStore } from '../state/store';
import { aRun, someBounds } from '../testing/builders';
import { describeOptions, factsOf, mountStatus, summarize } from './status';

const active = (changes: Partial<Extract<Phase, { kind: 'active' }>> = {}): Phase => ({
  kind: 'active',
  run: aRun(),
  since: 0,
  runningSince: null,
  isStopping: false,
  connection: 'open',
  ...changes,
});

it('tells the options of a run that were not the defaults', () => {
  const limits = { ...aRun().limits, wall_seconds: 30, scratch_mib: 16, output_bytes: 65_536 };
  expect(describeOptions(aRun({ limits }), someBounds)).toBe(
    'Options of this run: 30 s, 64 KiB of output, 16 MiB of scratch space.',
  );
  expect(describeOptions(aRun(), someBounds)).toBeNull();
});

describe('summarize', () => {
  it('does not flash the queue for a run that starts at once', () => {
    const phase = active({ run: aRun({ queue_position: 1 }) });
    expect(summarize(phase, 50).headline).toBe('Starting…');
    expect(summarize(phase, 500).headline).toBe('Queued, number 1 in line');
  });

  it('says when a queued run should start, if that is known', () => {
    const phase = active({ run: aRun({ queue_position: 12, starts_in_ms: 35_000 }) });
    expect(summarize(phase, 500).headline).toBe('Queued, number 12 in line, starts in about 40 s');
  });

  it.each<[string, Phase]>([
    ['Ready', { kind: 'idle' }],
    ['Starting…', { kind: 'submitting', since: 0, isStopping: false }],
    ['Stopping…', { kind: 'submitting', since: 0, isStopping: true }],
    ['Server busy. Trying again in 3 s.', { kind: 'busy', retryAt: 2_500, isInDoubt: false }],
    ['No answer. Trying again in 3 s.', { kind: 'busy', retryAt: 2_500, isInDoubt: true }],
    ['Running', active({ run: aRun({ status: 'running' }) })],
    ['Stopping…', active({ isStopping: true })],
    ['No connection', { kind: 'unreachable' }],
  ])('says "%s"', (want, phase) => {
    expect(summarize(phase, 0).headline).toBe(want);
  });

  it('says that a lost connection loses no output', () => {
    expect(summarize(active({ connection: 'lost' }), 0).detail).toMatch(/Reconnecting/);
  });
});

describe('a run that waits', () => {
  const detail = (message: string | null, changes: Partial<ReturnType<typeof aRun>> = {}) =>
    summarize(active({ run: aRun({ message, ...changes }) }), 500).detail;

  it('says why, as a sentence', () => {
    const message = 'no node has room: 0/1 nodes are available: insufficient memory';
    const want = 'No node has room: 0/1 nodes are available: insufficient memory.';
    expect(detail(message)).toBe(want);
    expect(detail(message, { status: 'starting' })).toBe(want);
  });

  it('says nothing when there is nothing to tell, and nothing old when it runs', () => {
    expect(detail(null)).toBeNull();
    expect(detail('No node has room', { status: 'running' })).toBeNull();
  });

  it('cuts a message that is too long, and no character in two', () => {
    expect(detail(`a${'😀'.repeat(5_000)}`)).toBe(`A${'😀'.repeat(298)}…`);
  });
});

describe('factsOf', () => {
  it('runs a clock against the limit', () => {
    expect(factsOf(active({ runningSince: 1_000 }), 3_250)).toEqual([['Elapsed', '2.2 s of 10 s']]);
  });

  it('lists what is known at the end and leaves out the rest', () => {
    const run = aRun({
      status: 'succeeded',
      timings: { queued_ms: 5, startup_ms: 10, wall_ms: 1_500, cpu_ms: null },
      peak_memory_bytes: 2 ** 25,
    });
    expect(factsOf({ kind: 'ended', run }, 0)).toEqual([
      ['Elapsed', '1.50 s'],
      ['Peak memory', '32 MiB'],
      ['Waited', '15 ms'],
    ]);
  });
});

describe('mountStatus', () => {
  let root: HTMLElement;
  beforeEach(() => {
    root = document.createElement('div');
  });

  it('announces the end with the number of lines, in a status region and the title', () => {
    const store = createStore();
    const output = new OutputLog();
    const dispose = mountStatus(root, store, output, () => 0);
    output.append({ stream: 'stdout', text: 'a\nb\n', notice: null });
    store.dispatch({ type: 'run_requested', at: 0 });
    store.dispatch({ type: 'run_accepted', run: aRun(), at: 0 });
    store.dispatch({ type: 'run_ended', run: aRun({ status: 'failed', exit_code: 3 }) });
    const status = root.querySelector('[role=status]');
    expect(status?.textContent).toContain('Failed, exit code 3 2 lines of output.');
    expect(document.title).toBe('Failed, exit code 3 - Oneshot');
    dispose();
  });

  it('tells a listener politely why a run waits and what interrupted it, as text', () => {
    const store = createStore();
    const dispose = mountStatus(root, store, new OutputLog(), () => 0);
    store.dispatch({ type: 'run_accepted', run: aRun(), at: 0 });
    const live = root.querySelector('[aria-live=polite]');
    expect(live?.textContent).toBe('');
    const interruptions = [
      { attempt: 1, reason: 'new_reason', message: '<b>lost</b>', node: '<i>a</i>' },
    ];
    store.dispatch({ type: 'run_read', run: aRun({ message: '<img src=x>', interruptions }) });
    expect(live?.textContent).toContain('<img src=x>.');
    expect(live?.textContent).toContain('1st start was interrupted: <b>lost</b> (<i>a</i>).');
    expect(live?.querySelector('img, b, i')).toBeNull();
    const ended = aRun({ status: 'succeeded', attempt: 2, interruptions });
    store.dispatch({ type: 'run_ended', run: ended });
    expect(live?.textContent).toMatch(/^The program was started 2 times/);
    dispose();
  });
});
