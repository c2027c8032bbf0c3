// The end of a run in plain words.
import { formatBytes, formatSeconds } from '../domain/format';
import type { Run } from '../domain/run';
import { describeSignal } from '../domain/signals';
import { words } from '../words';

export type Tone = 'good' | 'bad' | 'neutral';

export interface Outcome {
  readonly tone: Tone;
  readonly headline: string;
  /** A second sentence where the headline does not say everything. */
  readonly detail: string | null;
}

const MIB = 1024 * 1024;

/** Only meaningful for a run in a final status. */
export function describeOutcome(run: Run): Outcome {
  const { limits } = run;
  const seconds = (value: number | null) => (value === null ? null : formatSeconds(value));
  switch (run.status) {
    case 'succeeded':
      return { tone: 'good', headline: words.outcome.succeeded, detail: null };
    case 'failed':
      // The message matters where neither exit code nor signal tells the reason.
      return {
        tone: 'bad',
        headline: describeFailure(run),
        detail: hasCause(run) ? null : run.message,
      };
    case 'timed_out':
      return {
        tone: 'bad',
        headline:
          run.reason === 'cpu_time_exceeded'
            ? words.outcome.cpuTime(seconds(limits.cpu_seconds))
            : words.outcome.timedOut(seconds(limits.wall_seconds)),
        detail: null,
      };
    case 'out_of_memory': {
      const limit = limits.memory_mib === null ? null : formatBytes(limits.memory_mib * MIB);
      return { tone: 'bad', headline: words.outcome.outOfMemory(limit), detail: null };
    }
    case 'cancelled':
      return {
        tone: 'neutral',
        headline: run.started_at ? words.outcome.cancelled : words.outcome.cancelledBeforeStart,
        detail: null,
      };
    case 'error':
      return { tone: 'bad', headline: words.outcome.infrastructure, detail: describeFault(run) };
    case 'queued':
    case 'starting':
    case 'running':
      return { tone: 'neutral', headline: words.status.running, detail: null };
  }
}

const hasCause = (run: Run): boolean => run.signal !== null || run.exit_code !== null;

function describeFailure(run: Run): string {
  if (run.signal !== null) return words.outcome.killedBy(describeSignal(run.signal));
  if (run.exit_code !== null) return words.outcome.exitCode(run.exit_code);
  return words.outcome.failed;
}

function describeFault(run: Run): string {
  const cause = (run.reason && words.infrastructure[run.reason]) ?? run.message ?? run.reason;
  return [
    cause,
    run.attempt > 1 ? words.outcome.attempts(run.attempt) : null,
    words.outcome.infrastructureDetail,
  ]
    .filter(Boolean)
    .join(' ');
}
