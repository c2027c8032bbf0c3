// The page's state and the pure rule that turns one state and one event into the next.
import type { Bounds } from '../domain/options';
import { isFinal, type Problem, type Run } from '../domain/run';
import type { Connection, Event } from './events';

/** Times are milliseconds of the page's own clock, so that they can be subtracted. */
export type Phase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'submitting'; readonly since: number; readonly isStopping: boolean }
  | { readonly kind: 'busy'; readonly retryAt: number; readonly isInDoubt: boolean }
  | { readonly kind: 'seeking'; readonly runId: string }
  | {
      readonly kind: 'active';
      readonly run: Run;
      readonly since: number;
      readonly runningSince: number | null;
      readonly isStopping: boolean;
      readonly connection: Connection;
    }
  | { readonly kind: 'ended'; readonly run: Run }
  | { readonly kind: 'refused'; readonly problem: Problem }
  | { readonly kind: 'unconfirmed'; readonly problem: Problem }
  | { readonly kind: 'lost'; readonly problem: Problem }
  | { readonly kind: 'unreachable' };

export interface State {
  readonly phase: Phase;
  /** A short notice that disappears by itself. The number tells equal texts apart. */
  readonly notice: { readonly text: string; readonly number: number } | null;
  readonly noticeCount: number;
  /** The program in the editor is not the one that was run last. */
  readonly isProgramChanged: boolean;
  /** Null until they are known. */
  readonly bounds: Bounds | null;
}

export const initialState: State = {
  phase: { kind: 'idle' },
  notice: null,
  noticeCount: 0,
  isProgramChanged: false,
  bounds: null,
};

/** True while a submission is on its way or a run has not ended: Run is off, Stop is on. */
export const isBusy = (phase: Phase): boolean =>
  phase.kind === 'submitting' || phase.kind === 'busy' || phase.kind === 'active';

export const isStopping = (phase: Phase): boolean =>
  (phase.kind === 'submitting' || phase.kind === 'active') && phase.isStopping;

/** The run that is followed or looked for. */
const runIdOf = (phase: Phase): string | null => {
  if (phase.kind === 'active') return phase.run.id;
  return phase.kind === 'seeking' ? phase.runId : null;
};

export function reduce(state: State, event: Event): State {
  switch (event.type) {
    case 'notice_shown': {
      const noticeCount = state.noticeCount + 1;
      return { ...state, noticeCount, notice: { text: event.text, number: noticeCount } };
    }
    case 'program_changed':
      return state.isProgramChanged === event.isChanged
        ? state
        : { ...state, isProgramChanged: event.isChanged };
    case 'bounds_read':
      return { ...state, bounds: event.bounds };
    case 'notice_hidden':
      return state.notice?.number === event.number ? { ...state, notice: null } : state;
    default: {
      const phase = reducePhase(state.phase, event);
      return phase === state.phase ? state : { ...state, phase };
    }
  }
}

type PhaseEvent = Exclude<
  Event,
  { type: 'notice_shown' | 'notice_hidden' | 'program_changed' | 'bounds_read' }
>;

function reducePhase(phase: Phase, event: PhaseEvent): Phase {
  switch (event.type) {
    case 'run_requested':
      return { kind: 'submitting', since: event.at, isStopping: false };
    case 'run_accepted':
      return {
        kind: 'active',
        run: event.run,
        since: phase.kind === 'submitting' ? phase.since : event.at,
        runningSince: event.run.status === 'running' ? event.at : null,
        isStopping: isStopping(phase),
        connection: 'open',
      };
    case 'run_sought':
      return { kind: 'seeking', runId: event.runId };
    case 'run_refused':
      return { kind: 'refused', problem: event.problem };
    case 'run_unconfirmed':
      return { kind: 'unconfirmed', problem: event.problem };
    case 'server_busy':
      return { kind: 'busy', retryAt: event.retryAt, isInDoubt: event.isInDoubt };
    case 'server_unreachable':
      return { kind: 'unreachable' };
    case 'stop_requested':
      if (phase.kind === 'busy') return { kind: phase.isInDoubt ? 'unreachable' : 'idle' };
      return phase.kind === 'submitting' || phase.kind === 'active'
        ? { ...phase, isStopping: true }
        : phase;
    case 'stop_failed':
      return phase.kind === 'active' ? { ...phase, isStopping: false } : phase;
    case 'run_progressed':
      return reduceProgress(phase, event);
    case 'run_read': {
      if (phase.kind !== 'active' || phase.run.id !== event.run.id || isFinal(event.run.status)) {
        return phase;
      }
      const { message, interruptions } = event.run;
      return { ...phase, run: { ...phase.run, message, interruptions } };
    }
    case 'input_ended':
      return phase.kind === 'active'
        ? { ...phase, run: { ...phase.run, stdin_open: false } }
        : phase;
    case 'connection_changed':
      return phase.kind === 'active' && phase.connection !== event.connection
        ? { ...phase, connection: event.connection }
        : phase;
    case 'run_ended':
      return phase.kind === 'active' && phase.run.id === event.run.id
        ? { kind: 'ended', run: event.run }
        : phase;
    case 'run_lost':
      return runIdOf(phase) === event.runId ? { kind: 'lost', problem: event.problem } : phase;
  }
}

function reduceProgress(phase: Phase, event: Extract<Event, { type: 'run_progressed' }>): Phase {
  if (phase.kind !== 'active' || phase.run.id !== event.runId) return phase;
  // Only the end event has the facts that are shown with a final status.
  const { status, attempt } = event.progress;
  if (isFinal(status)) return phase;
  // A new attempt starts the program's clock again; a repeated status does not.
  const keepsRunning = status === 'running' && attempt === phase.run.attempt;
  return {
    ...phase,
    run: { ...phase.run, ...event.progress },
    runningSince:
      status === 'running' ? ((keepsRunning ? phase.runningSince : null) ?? event.at) : null,
  };
}
