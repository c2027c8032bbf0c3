// The end of a run in plain words.
import { formatBytes, formatSeconds } from '../domain/format';
import { isFinal, isWaiting, type FinalStatus, type Interruption, type Run } from '../domain/run';
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
      return { tone: 'good', headline: words.outcome.exited(0), detail: null };
    case 'failed':
      return describeFailure(run);
    case 'timed_out':
      return {
        tone: 'bad',
        headline:
          run.reason === 'stdin_idle_exceeded'
            ? words.outcome.stdin_idle_exceeded
            : run.reason === 'cpu_time_exceeded'
              ? words.outcome.cpu_time_exceeded(seconds(limits.cpu_seconds))
              : words.outcome.wall_time_exceeded(seconds(limits.wall_seconds)),
        detail: null,
      };
    case 'out_of_memory': {
      const limit = limits.memory_mib === null ? null : formatBytes(limits.memory_mib * MIB);
      return { tone: 'bad', headline: words.outcome.out_of_memory(limit), detail: null };
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

function describeFailure({ reason, signal, exit_code, message }: Run): Outcome {
  const tone = 'bad';
  const detail = message === null ? null : words.outcome.message(message);
  if (reason === 'process_limit_exceeded' || reason === 'disk_limit') {
    return { tone, headline: words.outcome[reason], detail };
  }
  // An exit code or a signal says it all; without either the message matters.
  if (signal !== null) {
    return { tone, headline: words.outcome.signaled(describeSignal(signal)), detail: null };
  }
  if (exit_code !== null) {
    return { tone, headline: words.outcome.exited(exit_code), detail: null };
  }
  return { tone, headline: words.outcome.failed, detail };
}

const causeOf = ({ reason, message }: Pick<Run, 'reason' | 'message'>): string | null =>
  (reason === null ? undefined : words.infrastructure[reason]) ?? message ?? reason;

function describeFault(run: Run): string {
  const cause = causeOf(run);
  return [
    cause && words.outcome.message(cause),
    run.attempt > 1 ? words.outcome.attempts(run.attempt) : null,
    adviseOn(run),
  ]
    .filter(Boolean)
    .join(' ');
}

/** For a reason that this page does not know, because the server is newer. */
const usualReasons: Readonly<Record<FinalStatus, keyof typeof words.advice | null>> = {
  succeeded: null,
  failed: 'exited',
  timed_out: 'wall_time_exceeded',
  out_of_memory: 'out_of_memory',
  cancelled: 'cancelled',
  error: 'unknown',
};

/** What to do about the end of a run; null when there is nothing to be done. */
export function adviseOn({ status, reason }: Run): string | null {
  if (!isFinal(status) || status === 'succeeded') return null;
  const known: Readonly<Record<string, string>> = words.advice;
  const usual = usualReasons[status];
  return known[reason ?? ''] ?? (usual && words.advice[usual]);
}

/** More would only repeat what the last ones say. */
const mostInterruptions = 5;

/** How often the program was started and what interrupted it; null when nothing did. */
export function describeInterruptions(run: Run): string | null {
  const { interruptions } = run;
  if (interruptions.length === 0) return null;
  const earlier = Math.max(0, interruptions.length - mostInterruptions);
  const describe = (interruption: Interruption, index: number) =>
    words.interruptions.interrupted(
      earlier + index + 1,
      (causeOf(interruption) ?? '').replace(/[.]$/, ''),
      interruption.node,
    );
  return [
    words.interruptions.started(interruptions.length + (isStarted(run) ? 1 : 0)),
    earlier > 0 ? words.interruptions.earlier(earlier) : null,
    ...interruptions.slice(earlier).map(describe),
    isWaiting(run) ? words.interruptions.again : null,
  ]
    .filter(Boolean)
    .join(' ');
}

/** True when the last start of the program was not interrupted. */
const isStarted = ({ status, started_at, attempt, interruptions }: Run): boolean => {
  if (!isFinal(status)) return status === 'running';
  if (status === 'error' || interruptions.at(-1)?.attempt === attempt) return false;
  return status !== 'cancelled' || started_at !== null;
};
