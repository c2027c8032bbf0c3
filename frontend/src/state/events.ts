// Everything that can happen to the page's state.
import type { Bounds } from '../domain/options';
import type { Problem, Progress, Run } from '../domain/run';

export type Event =
  | { readonly type: 'run_requested'; readonly at: number }
  | { readonly type: 'run_accepted'; readonly run: Run; readonly at: number }
  /** A run that was submitted earlier, or elsewhere, is to be shown. */
  | { readonly type: 'run_sought'; readonly runId: string }
  | { readonly type: 'run_refused'; readonly problem: Problem }
  /** The server has answered, but the run may or may not have been accepted. */
  | { readonly type: 'run_unconfirmed'; readonly problem: Problem }
  /** In doubt: the server may have accepted the run already. */
  | { readonly type: 'server_busy'; readonly retryAt: number; readonly isInDoubt: boolean }
  | { readonly type: 'server_unreachable' }
  | { readonly type: 'stop_requested' }
  | { readonly type: 'stop_failed' }
  | {
      readonly type: 'run_progressed';
      readonly runId: string;
      readonly progress: Progress;
      readonly at: number;
    }
  /** What the events do not tell of a run that has not ended. */
  | { readonly type: 'run_read'; readonly run: Run }
  /** Its person has nothing more to say. */
  | { readonly type: 'input_ended' }
  | { readonly type: 'connection_changed'; readonly connection: Connection }
  | { readonly type: 'run_ended'; readonly run: Run }
  /** The server accepted the run, but what became of it cannot be shown. */
  | { readonly type: 'run_lost'; readonly runId: string; readonly problem: Problem }
  /** Whether the program in the editor is another than the one that was run last. */
  | { readonly type: 'program_changed'; readonly isChanged: boolean }
  /** The limits of the installation. */
  | { readonly type: 'bounds_read'; readonly bounds: Bounds }
  | { readonly type: 'notice_shown'; readonly text: string }
  | { readonly type: 'notice_hidden'; readonly number: number };

export type Connection = 'open' | 'lost';
