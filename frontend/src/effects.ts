// Turns the user's commands and the server's answers into events. The only file that knows both
// the api and the state.
import type { Answer, Client } from './api/client';
import { createStdinSender } from './api/stdin';
import type { RunStream, StreamListener } from './api/stream';
import type { OutputLog } from './domain/output-log';
import {
  isWaiting,
  ownProblem,
  type Problem,
  type Progress,
  type Run,
  type Submission,
} from './domain/run';
import type { Event } from './state/events';
import { isBusy, isStopping } from './state/reduce';
import type { Store } from './state/store';
import { words } from './words';

export interface Commands {
  run(submission: Submission): void;
  stop(): void;
  /** Sends text, or the end of the input, to the run that is active. False when that failed, which is told. */
  send(text: string | null): Promise<boolean>;
  /**
   * Shows a run that was submitted earlier, or elsewhere, and follows it if it has not ended. `advice` is for a
   * run that the server does not know.
   */
  open(runId: string, advice: string): void;
}

export interface Surroundings {
  readonly store: Store;
  readonly client: Client;
  readonly output: OutputLog;
  readonly openStream: (runId: string, listener: StreamListener) => RunStream;
  /** Remembers which run this tab shows; null when none. */
  readonly remember: (runId: string | null) => void;
  /** A new key for a submission: no other one has it. */
  readonly newKey: () => string;
  readonly now: () => number;
  readonly later: (action: () => void, milliseconds: number) => void;
}

/** A busy server asks us to come back, but not for ever. */
const mostTries = 6;
/** After an answer that was lost. The person should soon know that something is wrong. */
const mostUnansweredTries = 4;
const stopTries = 4;
const firstPauseMs = 500;
const longestPauseMs = 8_000;
/** A run that waits for longer is asked why, and from then on now and again. */
const whyAfterMs = 2_000;
const whyAgainMs = 10_000;

export function createCommands(surroundings: Surroundings): Commands {
  const { store, client, output, now, later } = surroundings;
  // Every submission has a number; answers that belong to an older one are dropped.
  let submissionNumber = 0;
  let stream: RunStream | null = null;
  const stdin = createStdinSender(client, later);

  const follow = (run: Run, number: number) => {
    let pause = firstPauseMs;
    const isCurrent = () => number === submissionNumber;

    // The events say that a run waits or begins again. Why, only the run itself says.
    let isAsking = false;
    let attemptRead = Math.max(1, run.attempt);
    const read = async () => {
      const answer = await client.getRun(run.id);
      if (answer.kind === 'ok') store.dispatch({ type: 'run_read', run: answer.value });
    };
    const askWhy = (after: number) => {
      isAsking = true;
      later(() => {
        const { phase } = store.get();
        isAsking = phase.kind === 'active' && phase.run.id === run.id && isWaiting(phase.run);
        if (!isAsking) return;
        void read();
        askWhy(whyAgainMs);
      }, after);
    };
    const explain = (progress: Progress) => {
      if (progress.attempt > attemptRead) {
        attemptRead = progress.attempt;
        void read();
      }
      if (isWaiting(progress) && !isAsking) askWhy(whyAfterMs);
    };

    const end = (ended: Run) => {
      if (!isCurrent()) return;
      stream = null;
      output.finish();
      store.dispatch({ type: 'run_ended', run: ended });
    };
    const lose = (problem: Problem) => {
      if (!isCurrent()) return;
      stream = null;
      store.dispatch({ type: 'run_lost', runId: run.id, problem });
    };
    const opened = surroundings.openStream(run.id, {
      onProgress: (progress) => {
        store.dispatch({ type: 'run_progressed', runId: run.id, progress, at: now() });
        explain(progress);
      },
      onOutput: (name, text, droppedBytes) => {
        pause = firstPauseMs;
        const notice = droppedBytes > 0 ? words.output.droppedHere(droppedBytes, name) : null;
        output.append({ stream: name, text, notice });
      },
      onDisplay: (display) => {
        pause = firstPauseMs;
        output.append({ display });
      },
      onReset: (attempt) => {
        output.reset(words.output.restarted(attempt));
      },
      onConnection: (connection) => {
        store.dispatch({ type: 'connection_changed', connection });
      },
      onEnd: end,
      onUnreadable: (event, reason) => {
        if (event === 'end') {
          const { unreadableHeading, unreadable } = words.problem;
          lose(ownProblem(unreadableHeading, unreadable(reason)));
        } else {
          output.append({ stream: 'stdout', text: '', notice: words.output.unreadable(reason) });
        }
      },
      onRefused: () => {
        later(() => void reopen(), pause);
        pause = Math.min(longestPauseMs, pause * 2);
      },
    });
    stream = opened;

    const reopen = async () => {
      if (!isCurrent() || stream !== opened) return;
      const answer = await client.getRun(run.id);
      if (!isCurrent()) return;
      if (answer.kind === 'refused') {
        opened.close();
        const title = answer.status === 404 ? words.problem.vanished : answer.problem.title;
        lose({ ...answer.problem, title });
        return;
      }
      opened.reopen();
    };
  };

  const accept = (run: Run, number: number) => {
    // The stream is on its way while the page draws and the browser stores.
    follow(run, number);
    store.dispatch({ type: 'run_accepted', run, at: now() });
    surroundings.remember(run.id);
    // Stop was pressed before the server had answered.
    if (isStopping(store.get().phase)) void cancel(run.id, stopTries);
  };

  /** With its key it may be repeated: the server accepts it once. */
  const submit = async (submission: Submission, key: string) => {
    const ask = () => client.createRun(submission, key);
    const asked = ask();
    // The submission is on its way while what was shown is cleared away.
    const number = leave();
    /** An earlier try may have been accepted. */
    let isInDoubt = false;
    const attempt = async (tries: number, answered: Promise<Answer<Run>>): Promise<void> => {
      store.dispatch({ type: 'run_requested', at: now() });
      const answer = await answered;
      if (number !== submissionNumber) return;
      const again = (pause: number, mostTriesNow: number, giveUp: Event) => {
        if (tries >= mostTriesNow || isStopping(store.get().phase)) {
          store.dispatch(giveUp);
          return;
        }
        store.dispatch({ type: 'server_busy', retryAt: now() + pause, isInDoubt });
        later(() => {
          if (number === submissionNumber) void attempt(tries + 1, ask());
        }, pause);
      };
      const unansweredPause = firstPauseMs * 2 ** (tries - 1);
      switch (answer.kind) {
        case 'ok':
          stdin.begin(answer.value.id);
          accept(answer.value, number);
          break;
        case 'refused':
          store.dispatch({ type: 'run_refused', problem: answer.problem });
          break;
        case 'unconfirmed': {
          const unconfirmed = { type: 'run_unconfirmed', problem: answer.problem } as const;
          isInDoubt = true;
          if (answer.isFinal) store.dispatch(unconfirmed);
          else again(unansweredPause, mostUnansweredTries, unconfirmed);
          break;
        }
        case 'unreachable':
          isInDoubt = true;
          again(unansweredPause, mostUnansweredTries, { type: 'server_unreachable' });
          break;
        case 'busy': {
          const { busyHeading, busyGivenUp } = words.problem;
          const refused = {
            type: 'run_refused',
            problem: ownProblem(busyHeading, busyGivenUp),
          } as const;
          again(
            answer.retryAfterMs,
            mostTries,
            isInDoubt ? { type: 'server_unreachable' } : refused,
          );
          break;
        }
      }
    };
    await attempt(1, asked);
  };

  const cancel = async (runId: string, triesLeft: number) => {
    const answer = await client.cancelRun(runId);
    // Refused means that the run has ended or is gone. The stream tells which.
    if (answer.kind === 'ok' || answer.kind === 'refused') return;
    if (triesLeft > 1) {
      const pause = answer.kind === 'busy' ? answer.retryAfterMs : firstPauseMs;
      later(() => {
        const { phase } = store.get();
        if (phase.kind === 'active' && phase.run.id === runId) void cancel(runId, triesLeft - 1);
      }, pause);
      return;
    }
    store.dispatch({ type: 'stop_failed' });
    store.dispatch({ type: 'notice_shown', text: words.problem.stopFailed });
  };

  const seek = async (runId: string, advice: string, number: number, tries = 1): Promise<void> => {
    const answer = await client.getRun(runId);
    if (number !== submissionNumber) return;
    if (answer.kind === 'ok') {
      accept(answer.value, number);
      return;
    }
    const isUnanswered = answer.kind === 'unreachable' || answer.kind === 'busy';
    if (isUnanswered && tries < mostUnansweredTries) {
      const pause = answer.kind === 'busy' ? answer.retryAfterMs : firstPauseMs * 2 ** (tries - 1);
      later(() => {
        if (number === submissionNumber) void seek(runId, advice, number, tries + 1);
      }, pause);
      return;
    }
    store.dispatch({ type: 'run_lost', runId, problem: notFound(answer, advice) });
  };

  /** Nothing of the run that was shown is shown any more. */
  const leave = (): number => {
    submissionNumber += 1;
    stream?.close();
    stream = null;
    output.reset();
    surroundings.remember(null);
    return submissionNumber;
  };

  return {
    run(submission) {
      if (isBusy(store.get().phase)) {
        store.dispatch({ type: 'notice_shown', text: words.alreadyRunning });
        return;
      }
      void submit(submission, surroundings.newKey());
    },
    stop() {
      const { phase } = store.get();
      if (!isBusy(phase)) {
        store.dispatch({ type: 'notice_shown', text: words.nothingToStop });
        return;
      }
      if (isStopping(phase)) return;
      // Waiting for a busy server ends here.
      if (phase.kind === 'busy') submissionNumber += 1;
      store.dispatch({ type: 'stop_requested' });
      if (phase.kind === 'active') void cancel(phase.run.id, stopTries);
    },
    async send(text) {
      const { phase } = store.get();
      if (phase.kind !== 'active') return false;
      const { id } = phase.run;
      // As a terminal shows it; the program's answer must not come first.
      if (text !== null) output.append({ stream: 'stdout', text, notice: null });
      const answer = await stdin.send(id, text);
      if (answer.kind === 'ok') {
        if (text === null) store.dispatch({ type: 'input_ended' });
        return true;
      }
      const isOver = store.get().phase.kind !== 'active';
      if (!isOver) store.dispatch({ type: 'notice_shown', text: words.prompt.notSent });
      return isOver;
    },
    open(runId, advice) {
      const number = leave();
      surroundings.remember(runId);
      store.dispatch({ type: 'run_sought', runId });
      void seek(runId, advice, number);
    },
  };
}

function notFound(answer: Exclude<Answer<Run>, { kind: 'ok' }>, advice: string): Problem {
  if (answer.kind === 'refused') {
    return answer.status === 404 ? ownProblem(words.problem.unknownRun, advice) : answer.problem;
  }
  if (answer.kind === 'unconfirmed') return answer.problem;
  return ownProblem(words.problem.unreachableHeading, words.problem.runUnreachable);
}
