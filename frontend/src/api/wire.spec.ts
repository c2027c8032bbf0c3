import { describe, expect, it } from 'vitest';
import { DecodeError, decodeProblem, decodeRecordId, decodeRun, decodeStatusMessage } from './wire';

const complete = {
  id: '01j',
  status: 'failed',
  exit_code: 3,
  signal: null,
  reason: 'exited',
  message: null,
  truncated: true,
  output: { stdout_bytes: 1, stderr_bytes: 2, stdout_dropped_bytes: 3, stderr_dropped_bytes: 4 },
  timings: { queued_ms: 1, startup_ms: 2, wall_ms: 3, cpu_ms: 4 },
  peak_memory_bytes: 5,
  attempt: 2,
  started_at: '2026-11-23T00:00:00Z',
  queue_position: null,
  limits: { wall_seconds: 10, cpu_seconds: 10, memory_mib: 256, output_bytes: 1 },
};

describe('decodeRun', () => {
  it('reads every fact', () => {
    expect(decodeRun(complete)).toEqual({
      id: '01j',
      status: 'failed',
      exitCode: 3,
      signal: null,
      reason: 'exited',
      message: null,
      truncated: true,
      output: { stdoutBytes: 1, stderrBytes: 2, stdoutDroppedBytes: 3, stderrDroppedBytes: 4 },
      timings: { queuedMs: 1, startupMs: 2, wallMs: 3, cpuMs: 4 },
      peakMemoryBytes: 5,
      attempt: 2,
      startedAt: '2026-11-23T00:00:00Z',
      queuePosition: null,
      limits: { wallSeconds: 10, cpuSeconds: 10, memoryMib: 256 },
    });
  });

  it('takes absent facts as unknown', () => {
    const run = decodeRun({ id: '01j', status: 'queued' });
    expect(run.timings.wallMs).toBeNull();
    expect(run.output.stdoutDroppedBytes).toBe(0);
  });

  it.each([null, [], 'text', { status: 'queued' }, { id: '01j', status: 'new' }])(
    'refuses %j',
    (value) => {
      expect(() => decodeRun(value)).toThrow(DecodeError);
    },
  );
});

it('reads a status message', () => {
  expect(decodeStatusMessage({ status: 'queued', queue_position: 3, attempt: 1 })).toEqual({
    status: 'queued',
    queuePosition: 3,
    attempt: 1,
  });
});

it('reads the place of a record from its id', () => {
  expect(decodeRecordId('2-17')).toEqual({ attempt: 2, sequence: 17 });
  expect(decodeRecordId('')).toBeNull();
});

it('reads a problem as far as it is one', () => {
  const errors = [{ pointer: '/stdin', detail: 'Too long.' }, { pointer: '/x' }, 5];
  expect(decodeProblem({ title: 'Bad', errors }, 'x')).toEqual({
    title: 'Bad',
    detail: null,
    requestId: null,
    errors: [{ pointer: '/stdin', detail: 'Too long.' }],
  });
  expect(decodeProblem('<html>', 'Fallback').title).toBe('Fallback');
});
