import { describe, expect, it } from 'vitest';
import { DecodeError, decodeProblem, decodeRecordId, decodeRun, decodeProgress } from './wire';

const complete = {
  id: '01j',
  status: 'failed',
  exit_code: 3,
  signal: null,
  reason: 'exited',
  message: null,
  interruptions: [{ attempt: 1, reason: 'pod_lost', message: 'NodeLost', node: 'node-a' }],
  truncated: true,
  dropped_displays: 6,
  output_files: [{ number: 0, path: 'a.csv', bytes: 9, url: '/api/v1/runs/01j/output-files/0' }],
  dropped_output_files: 7,
  stdin_open: false,
  output: { stdout_bytes: 1, stderr_bytes: 2, stdout_dropped_bytes: 3, stderr_dropped_bytes: 4 },
  timings: { queued_ms: 1, startup_ms: 2, wall_ms: 3, cpu_ms: 4 },
  peak_memory_bytes: 5,
  attempt: 2,
  started_at: '2026-11-23T00:00:00Z',
  queue_position: null,
  starts_in_ms: null,
  limits: {
    wall_seconds: 10,
    cpu_seconds: 10,
    memory_mib: 256,
    output_bytes: 1_048_576,
    scratch_mib: 0,
  },
};

describe('decodeRun', () => {
  it('reads every fact', () => {
    expect(decodeRun(complete)).toEqual(complete);
  });

  it('ignores what it does not know', () => {
    const limits = { ...complete.limits, new_limit: 1 };
    const interruptions = complete.interruptions.map((one) => ({ ...one, at: 'now' }));
    expect(decodeRun({ ...complete, limits, interruptions, new_fact: {} })).toEqual(complete);
  });

  it('takes absent facts as unknown', () => {
    const run = decodeRun({ id: '01j', status: 'queued' });
    expect(run.timings.wall_ms).toBeNull();
    expect(run.output.stdout_dropped_bytes).toBe(0);
    expect(run.interruptions).toEqual([]);
  });

  it.each([
    null,
    [],
    'text',
    { status: 'queued' },
    { id: '01j', status: 'new' },
    { id: '01j', status: 'queued', exit_code: '3' },
    {
      id: '01j',
      status: 'succeeded',
      output_files: [{ number: 0, path: 'a', url: 'https://elsewhere.example/output-files/0' }],
    },
  ])('refuses %j', (value) => {
    expect(() => decodeRun(value)).toThrow(DecodeError);
  });

  it('says which field does not fit', () => {
    const timings = { wall_ms: 'long' };
    expect(() => decodeRun({ ...complete, timings })).toThrow(
      'run: timings.wall_ms: Invalid type: Expected number but received "long"',
    );
  });
});

it('reads a status message', () => {
  expect(decodeProgress({ status: 'queued', queue_position: 3, attempt: 1 })).toEqual({
    status: 'queued',
    queue_position: 3,
    starts_in_ms: null,
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
    code: null,
    request_id: null,
    errors: [{ pointer: '/stdin', detail: 'Too long.' }],
  });
  expect(decodeProblem('<html>', 'Fallback').title).toBe('Fallback');
});
