import { describe, expect, it } from 'vitest';
import type { Progress } from '../domain/run';
import { aProblem, aRun } from '../testing/builders';
import type { Event } from './events';
import { initialState, isBusy, isStopping, reduce, type State } from './reduce';

const run = aRun();
const after = (...events: Event[]): State => events.reduce(reduce, initialState);
const requested: Event = { type: 'run_requested', at: 100 };
const accepted: Event = { type: 'run_accepted', run, at: 120 };
const progress = (changes: Partial<Progress> = {}, at = 200, runId = run.id): Event => ({
  type: 'run_progressed',
  runId,
  progress: { status: 'running', queue_position: null, starts_in_ms: null, attempt: 1, ...changes },
  at,
});

describe('reduce', () => {
  it('goes from request to end', () => {
    const ended = aRun({ status: 'succeeded' });
    expect(after(requested).phase).toMatchObject({ kind: 'submitting', since: 100 });
    expect(after(requested, accepted).phase).toMatchObject({ kind: 'active', since: 100 });
    expect(after(requested, accepted, { type: 'run_ended', run: ended }).phase).toEqual({
      kind: 'ended',
      run: ended,
    });
  });

  it('starts the clock with the program and again with a new attempt', () => {
    expect(after(requested, accepted).phase).toMatchObject({ runningSince: null });
    expect(after(requested, accepted, progress(), progress({}, 300)).phase).toMatchObject({
      runningSince: 200,
    });
    expect(
      after(requested, accepted, progress(), progress({ attempt: 2 }, 300)).phase,
    ).toMatchObject({ runningSince: 300 });
  });

  it('shows the queue position', () => {
    const queued = progress({ status: 'queued', queue_position: 7 });
    expect(after(requested, accepted, queued).phase).toMatchObject({ run: { queue_position: 7 } });
  });

  it('takes from a run that was read why it waits and what interrupted it, and no more', () => {
    const interruptions = [{ attempt: 1, reason: 'pod_lost', message: null, node: 'node-a' }];
    const read = aRun({ status: 'queued', attempt: 1, message: 'full', interruptions });
    const state = after(requested, accepted, progress({ attempt: 2 }), {
      type: 'run_read',
      run: read,
    });
    expect(state.phase).toMatchObject({
      run: { status: 'running', attempt: 2, message: 'full', interruptions },
      runningSince: 200,
    });
  });

  it.each<[string, Event]>([
    ['facts', { type: 'run_read', run: aRun({ id: 'other', message: 'full' }) }],
    ['facts after the end', { type: 'run_read', run: aRun({ status: 'error', message: 'full' }) }],
    ['status', progress({}, 200, 'other')],
    ['end', { type: 'run_ended', run: aRun({ id: 'other', status: 'failed' }) }],
    ['final status before the end', progress({ status: 'succeeded' })],
  ])('drops the %s of another run or moment', (_what, event) => {
    expect(after(requested, accepted, event)).toEqual(after(requested, accepted));
  });

  it('remembers a stop that came before the server answered', () => {
    const state = after(requested, { type: 'stop_requested' }, accepted);
    expect(isStopping(state.phase)).toBe(true);
  });

  it('gives up waiting for a busy server when stopped', () => {
    const busy: Event = { type: 'server_busy', retryAt: 500, isInDoubt: false };
    expect(isBusy(after(requested, busy).phase)).toBe(true);
    expect(after(requested, busy, { type: 'stop_requested' }).phase).toEqual({ kind: 'idle' });
  });

  it('does not hide, when stopped, that a program may be running', () => {
    const busy: Event = { type: 'server_busy', retryAt: 500, isInDoubt: true };
    const stopped = after(requested, busy, { type: 'stop_requested' });
    expect(stopped.phase).toEqual({ kind: 'unreachable' });
  });

  it('allows another stop when one could not be delivered', () => {
    const state = after(requested, accepted, { type: 'stop_requested' }, { type: 'stop_failed' });
    expect(isStopping(state.phase)).toBe(false);
  });

  it.each<[string, Event]>([
    ['unconfirmed', { type: 'run_unconfirmed', problem: aProblem() }],
    ['lost', { type: 'run_lost', runId: run.id, problem: aProblem() }],
    ['refused', { type: 'run_refused', problem: aProblem() }],
    ['unreachable', { type: 'server_unreachable' }],
  ])('lets the next run begin after one that is %s', (kind, event) => {
    const { phase } = after(requested, accepted, event);
    expect(phase.kind).toBe(kind);
    expect(isBusy(phase)).toBe(false);
  });

  it('hides only the notice it was meant for', () => {
    const shown = after({ type: 'notice_shown', text: 'a' }, { type: 'notice_shown', text: 'b' });
    expect(reduce(shown, { type: 'notice_hidden', number: 1 }).notice?.text).toBe('b');
    expect(reduce(shown, { type: 'notice_hidden', number: 2 }).notice).toBeNull();
  });
});
