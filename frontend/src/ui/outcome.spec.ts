import { describe, expect, it } from 'vitest';
import { finalStatuses, type Run } from '../domain/run';
import schemas from '../../../api/schemas.yaml?raw';
import { aRun } from '../testing/builders';
import { adviseOn, describeInterruptions, describeOutcome } from './outcome';

const noLimits = {
  wall_seconds: null,
  cpu_seconds: null,
  memory_mib: null,
  output_bytes: null,
  scratch_mib: null,
};

describe('describeOutcome', () => {
  it.each<[string, Partial<Run>]>([
    ['Finished, exit code 0', { status: 'succeeded', exit_code: 0 }],
    ['Failed, exit code 3', { status: 'failed', exit_code: 3 }],
    ['Killed by SIGSEGV (segmentation fault)', { status: 'failed', signal: 11 }],
    ['Killed by SIGKILL', { status: 'failed', signal: 9 }],
    ['Killed by signal 40', { status: 'failed', signal: 40 }],
    ['Failed', { status: 'failed' }],
    [
      'Killed: too many processes',
      { status: 'failed', signal: 9, reason: 'process_limit_exceeded' },
    ],
    ['Failed: too much disk space used', { status: 'failed', reason: 'disk_limit' }],
    ['Timed out after 10 s', { status: 'timed_out', reason: 'wall_time_exceeded' }],
    ['Used up its 10 s of CPU time', { status: 'timed_out', reason: 'cpu_time_exceeded' }],
    ['Out of memory at 256 MiB', { status: 'out_of_memory' }],
    ['Cancelled before it started', { status: 'cancelled' }],
    ['Cancelled', { status: 'cancelled', started_at: '2026-11-23T00:00:00Z' }],
    ['Infrastructure error', { status: 'error', reason: 'unschedulable' }],
  ])('says "%s"', (want, run) => {
    expect(describeOutcome(aRun(run)).headline).toBe(want);
  });

  it('says it without the limit when the server did not tell it', () => {
    const limits = noLimits;
    expect(describeOutcome(aRun({ status: 'timed_out', limits })).headline).toBe('Timed out');
    expect(describeOutcome(aRun({ status: 'out_of_memory', limits })).headline).toBe(
      'Out of memory',
    );
  });

  it.each<[string | null, Partial<Run>]>([
    ['More than 64 processes and threads.', { signal: 9, reason: 'process_limit_exceeded' }],
    ['More than 64 processes and threads.', { reason: 'a_new_reason' }],
    [null, { signal: 9, reason: 'signaled' }],
    [null, { exit_code: 1, reason: 'exited' }],
  ])('adds "%s" from the message of a failure %j', (want, changes) => {
    const message = 'more than 64 processes and threads';
    expect(describeOutcome(aRun({ status: 'failed', message, ...changes })).detail).toBe(want);
  });

  it('names the cause and the attempts of an infrastructure error', () => {
    const run = aRun({ status: 'error', reason: 'image_unavailable', attempt: 3 });
    expect(describeOutcome(run).detail).toMatch(/image could not be fetched.*after 3 attempts/);
  });

  it('falls back to the message for a reason it does not know', () => {
    const run = aRun({ status: 'error', reason: 'new_reason', message: 'Something else.' });
    expect(describeOutcome(run).detail).toContain('Something else.');
  });
});

describe('every reason of the contract', () => {
  const [, listed = ''] = /^ {4}Reason:[^]*?enum: \[([^\]]*)\]/m.exec(schemas) ?? [];
  const reasons = listed.split(',').map((word) => word.trim());
  const statuses: Readonly<Record<string, Partial<Run>>> = {
    exited: { status: 'failed', exit_code: 1 },
    signaled: { status: 'failed', signal: 11 },
    process_limit_exceeded: { status: 'failed', signal: 9 },
    disk_limit: { status: 'failed' },
    wall_time_exceeded: { status: 'timed_out' },
    cpu_time_exceeded: { status: 'timed_out' },
    stdin_idle_exceeded: { status: 'timed_out' },
    out_of_memory: { status: 'out_of_memory' },
    cancelled: { status: 'cancelled' },
  };

  it('is found in it', () => {
    expect(reasons).toEqual(expect.arrayContaining(['exited', 'disk_limit', 'runner_silent']));
  });

  it.each(finalStatuses)('is not needed for words about %s', (status) => {
    const run = aRun({ status, reason: 'a_new_reason' });
    expect(describeOutcome(run).headline).toMatch(/^[A-Z]/);
    expect(adviseOn(run) === null).toBe(status === 'succeeded');
  });

  it.each(reasons)('%s has a headline, and says what to do', (reason) => {
    const run = aRun({ status: 'error', reason, ...statuses[reason] });
    const { headline, detail } = describeOutcome(run);
    expect(headline).toMatch(/^[A-Z]/);
    expect(adviseOn(run)).toMatch(/^[A-Z].*[.]$/);
    expect(`${headline} ${detail ?? ''}`).not.toMatch(/undefined|null|[a-z]+_[a-z]+/);
    if (run.status === 'error') expect(detail).toMatch(/^[A-Z].*[.] Your program did not cause/);
  });
});

describe('describeInterruptions', () => {
  const lost = { attempt: 1, reason: 'pod_lost', message: 'NodeLost', node: 'node-a' };
  const killed = { attempt: 2, reason: 'killed', message: null, node: null };
  const started = (changes: Partial<Run>) =>
    describeInterruptions(aRun({ attempt: 2, ...changes }));

  it('says nothing of a run that was not interrupted', () => {
    expect(started({ status: 'running', attempt: 3 })).toBeNull();
  });

  it('names the cause and the machine of each interruption, in order', () => {
    expect(started({ status: 'running', interruptions: [lost, killed] })).toBe(
      'The program was started 3 times. ' +
        'The 1st start was interrupted: the machine that ran the program was lost (node-a). ' +
        'The 2nd start was interrupted: the sandbox was killed, but not because of a limit of the run.',
    );
  });

  it.each<[string, Partial<Run>]>([
    ['once. The 1st start was interrupted: .* It will be started again.', { status: 'queued' }],
    ['once. .* It will be started again.', { status: 'starting', attempt: 2 }],
    ['2 times. .*[)].', { status: 'running' }],
    ['2 times. .*[)].', { status: 'succeeded', exit_code: 0 }],
    ['2 times. .*[)].', { status: 'timed_out' }],
    ['once. .*[)].', { status: 'error', started_at: '2026-11-23T00:00:00Z' }],
    ['once. .*[)].', { status: 'cancelled' }],
    ['2 times. .*[)].', { status: 'cancelled', started_at: '2026-11-23T00:00:00Z' }],
  ])('says "The program was started %s" of a run %j', (want, changes) => {
    expect(started({ interruptions: [lost], ...changes })).toMatch(
      new RegExp(`^The program was started ${want}$`),
    );
  });

  it.each<[string, Partial<Run>]>([
    ['once', { status: 'error', reason: 'unschedulable', attempt: 9, started_at: null }],
    ['once', { status: 'cancelled', attempt: 1 }],
    ['2 times', { status: 'cancelled', attempt: 2 }],
  ])('says "%s" for a last attempt that was or was not interrupted, %j', (want, changes) => {
    const run = { interruptions: [lost], started_at: '2026-11-23T00:00:00Z', ...changes };
    expect(started(run)).toMatch(`The program was started ${want}.`);
  });

  it('uses the message, and at last the word, for a reason it does not know', () => {
    const interruptions = [
      { attempt: 1, reason: 'new_reason', message: 'Something else.', node: null },
      { attempt: 3, reason: 'new_reason', message: null, node: null },
    ];
    expect(started({ status: 'running', interruptions })).toMatch(
      /1st start was interrupted: Something else\. The 2nd start was interrupted: new_reason\.$/,
    );
  });

  it('stays short however often and for whatever the run was interrupted', () => {
    const long = { attempt: 1, reason: 'new_reason', message: 'x'.repeat(100_000), node: 'node-a' };
    const text = started({
      status: 'running',
      interruptions: Array.from({ length: 12 }, () => long),
    });
    expect(text).toMatch(
      /^The program was started 13 times. 7 earlier starts were interrupted too./,
    );
    expect(text).toMatch(/The 8th start .* The 12th start /);
    expect(text?.length).toBeLessThan(2_000);
  });
});
