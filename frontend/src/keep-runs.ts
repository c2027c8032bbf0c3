// Connects the runs that the browser remembers, and links to runs, with what the page shows.
import type { Client } from './api/client';
import { fromSubmission, type Draft } from './domain/draft';
import type { Bounds } from './domain/options';
import type { RunEntry } from './domain/run-entry';
import type { Commands } from './effects';
import type { History } from './history';
import type { DraftKeeper } from './keep-drafts';
import type { RunMemory } from './link';
import { isBusy } from './state/reduce';
import type { Store } from './state/store';
import { mountHistory } from './ui/history';
import type { Program } from './ui/program';
import { words } from './words';

export interface RunKeeper {
  /** What is in the editor is run now. */
  expect(name: string): void;
  /** Shows the run that the address or this tab's memory names, if any. */
  start(): void;
}

export interface RunParts {
  readonly store: Store;
  readonly client: Client;
  readonly commands: Commands;
  readonly history: History;
  readonly memory: RunMemory;
  readonly drafts: DraftKeeper;
  readonly program: Program;
  readonly bounds: Promise<Bounds | null>;
  /** Where the button goes. */
  readonly tools: HTMLElement;
  /** Runs what is in the editor. */
  readonly run: () => void;
}

export function keepRuns(parts: RunParts): RunKeeper {
  const { store, client, commands, history, memory, drafts, program } = parts;
  const tell = (text: string) => {
    store.dispatch({ type: 'notice_shown', text });
  };
  /** What was submitted, until it is known as which run. */
  let submitted: { readonly name: string; readonly draft: Draft } | null = null;
  let openings = 0;

  const readProgram = async (runId: string): Promise<Draft | null> => {
    const [answer, bounds] = await Promise.all([client.getSubmission(runId), parts.bounds]);
    return answer.kind === 'ok' ? fromSubmission(answer.value, bounds?.defaults ?? null) : null;
  };
  const runAgain = async ({ id, name, draft }: RunEntry) => {
    const isFree = () => !isBusy(store.get().phase);
    const found = isFree() ? (draft ?? (await readProgram(id))) : null;
    if (found && isFree()) {
      drafts.openProgram(name, found);
      parts.run();
    } else tell(isFree() ? words.history.programGone : words.alreadyRunning);
  };
  const openRun = async (runId: string) => {
    openings += 1;
    const opening = openings;
    const kept = history.find(runId);
    const { vanishedHere, vanishedElsewhere } = words.problem;
    submitted = null;
    commands.open(runId, kept?.draft ? vanishedHere : vanishedElsewhere);
    const draft = kept?.draft ?? (await readProgram(runId));
    if (opening !== openings) return;
    if (draft) {
      drafts.openProgram(kept?.name ?? words.drafts.nameOfRun(runId), draft);
      program.rememberRun();
    } else if (kept) tell(words.history.programGone);
  };

  mountHistory(parts.tools, {
    isLasting: history.isLasting,
    list: () => history.list(),
    onOpen: ({ id }: RunEntry) => void openRun(id),
    onRunAgain: (entry) => void runAgain(entry),
    remove: (entries) => {
      history.remove(entries);
    },
    restore: (entries) => {
      history.restore(entries);
    },
  });

  store.subscribe(({ phase }) => {
    if (phase.kind === 'active' && submitted) {
      const { name, draft } = submitted;
      submitted = null;
      if (!history.add(phase.run, name, draft)) tell(words.history.noRoom);
    } else if (phase.kind === 'ended') history.note(phase.run);
  });
  window.addEventListener('hashchange', () => {
    const linked = memory.linked();
    if (linked !== null && linked !== memory.last()) void openRun(linked);
  });

  return {
    expect(name) {
      openings += 1;
      submitted = { name, draft: program.draft() };
    },
    start() {
      const linked = memory.linked();
      const last = memory.last();
      if (linked !== null && linked !== last) void openRun(linked);
      else if (last !== null) commands.open(last, words.problem.vanishedHere);
    },
  };
}
