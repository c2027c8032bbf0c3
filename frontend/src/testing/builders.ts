// Values for specs: what the server would send, with what the spec cares about changed.
import type { Environment } from '../domain/environment';
import type { Bounds } from '../domain/options';
import { createSetting, type Setting } from '../domain/setting';
import { ownProblem, type Display, type Problem, type Run } from '../domain/run';

export const someBounds: Bounds = {
  defaults: {
    wall_seconds: 10,
    cpu_seconds: 10,
    memory_mib: 256,
    output_bytes: 1_048_576,
    scratch_mib: 0,
  },
  maxima: {
    wall_seconds: 60,
    cpu_seconds: 60,
    memory_mib: 1024,
    output_bytes: 8_388_608,
    scratch_mib: 64,
  },
};

export const anEnvironment = (changes: Partial<Environment> = {}): Environment => ({
  python: '3.11.2',
  packages: [
    { name: 'scipy', version: '1.16.3' },
    { name: 'pandas', version: '2.3.3' },
  ],
  limits: {
    ...someBounds,
    source_bytes: 262_144,
    stdin_bytes: 262_144,
    processes: 64,
    displays: 20,
  },
  ...changes,
});

export const aRun = (changes: Partial<Run> = {}): Run => ({
  id: '01j0000000000000000000000a',
  status: 'queued',
  exit_code: null,
  signal: null,
  reason: null,
  message: null,
  interruptions: [],
  truncated: false,
  dropped_displays: 0,
  output_files: [],
  dropped_output_files: 0,
  stdin_open: false,
  output: { stdout_bytes: 0, stderr_bytes: 0, stdout_dropped_bytes: 0, stderr_dropped_bytes: 0 },
  timings: { queued_ms: null, startup_ms: null, wall_ms: null, cpu_ms: null },
  peak_memory_bytes: null,
  attempt: 1,
  started_at: null,
  queue_position: null,
  starts_in_ms: null,
  limits: someBounds.defaults,
  ...changes,
});

export const aDisplay = (changes: Partial<Display> = {}): Display => ({
  number: 0,
  mime: 'image/png',
  width: 640,
  height: 480,
  alt: 'A title',
  bytes: 9,
  url: '/api/v1/runs/01j/displays/0',
  ...changes,
});

export const aProblem = (changes: Partial<Problem> = {}): Problem => ({
  ...ownProblem('No', 'Because.'),
  ...changes,
});

/** One that nothing keeps. */
export const aSetting = <T extends string | number | boolean>(value: T): Setting<T> =>
  createSetting(null, '', value, () => null);
