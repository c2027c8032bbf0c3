// Values for specs: what the server would send, with what the spec cares about changed.
import { ownProblem, type Problem, type Run } from '../domain/run';

export const aRun = (changes: Partial<Run> = {}): Run => ({
  id: '01j0000000000000000000000a',
  status: 'queued',
  exit_code: null,
  signal: null,
  reason: null,
  message: null,
  interruptions: [],
  truncated: false,
  output: { stdout_bytes: 0, stderr_bytes: 0, stdout_dropped_bytes: 0, stderr_dropped_bytes: 0 },
  timings: { queued_ms: null, startup_ms: null, wall_ms: null, cpu_ms: null },
  peak_memory_bytes: null,
  attempt: 1,
  started_at: null,
  queue_position: null,
  starts_in_ms: null,
  limits: { wall_seconds: 10, cpu_seconds: 10, memory_mib: 256 },
  ...changes,
});

export const aProblem = (changes: Partial<Problem> = {}): Problem => ({
  ...ownProblem('No', 'Because.'),
  ...changes,
});
