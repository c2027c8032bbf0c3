// Values for specs: a run as the server would describe it, with what the spec cares about changed.
import type { Run } from '../domain/run';

export const aRun = (changes: Partial<Run> = {}): Run => ({
  id: '01j0000000000000000000000a',
  status: 'queued',
  exitCode: null,
  signal: null,
  reason: null,
  message: null,
  truncated: false,
  output: { stdoutBytes: 0, stderrBytes: 0, stdoutDroppedBytes: 0, stderrDroppedBytes: 0 },
  timings: { queuedMs: null, startupMs: null, wallMs: null, cpuMs: null },
  peakMemoryBytes: null,
  attempt: 1,
  startedAt: null,
  queuePosition: null,
  limits: { wallSeconds: 10, cpuSeconds: 10, memoryMib: 256 },
  ...changes,
});
