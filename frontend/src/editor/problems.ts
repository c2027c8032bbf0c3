// The problems of the program: underlined, told in a line below the editor, and visited with F8.
import { syntaxTree } from '@codemirror/language';
import {
  forEachDiagnostic,
  linter,
  nextDiagnostic,
  setDiagnosticsEffect,
  type Diagnostic,
} from '@codemirror/lint';
import { StateEffect, StateField, type EditorState, type Extension } from '@codemirror/state';
import { EditorView, keymap, showPanel, type Command, type Panel } from '@codemirror/view';
import { words } from '../words';
import { syntaxFaults, type Fault } from './syntax';

/** Finds more than the editor's parser does; null while it is not there. */
export type Checker = (text: string) => Promise<readonly Fault[] | null>;

/** The checker finds more than it did before. */
export const checkAgain = StateEffect.define();

/** From the last key to the first mark. */
const delayMs = 700;

/**
 * The line that is being written, from the first key until the cursor is elsewhere: nobody wants to be told that
 * it is not finished.
 */
const unfinishedLine = StateField.define<number | null>({
  create: () => null,
  update(line, transaction) {
    const now = transaction.newDoc.lineAt(transaction.newSelection.main.head).number;
    if (transaction.isUserEvent('input.type') || transaction.isUserEvent('delete')) return now;
    return line === now ? line : null;
  },
});

const isUnfinished = (state: EditorState, { from }: Fault): boolean =>
  state.doc.lineAt(Math.min(from, state.doc.length)).number === state.field(unfinishedLine);

/** In their order, where they are now. */
function problemsOf(state: EditorState): { from: number; message: string }[] {
  const problems: { from: number; message: string }[] = [];
  forEachDiagnostic(state, ({ message }, from) => problems.push({ from, message }));
  return problems.sort((one, other) => one.from - other.from);
}

const describe = (state: EditorState, problem: { from: number; message: string }): string =>
  words.problems.at(state.doc.lineAt(problem.from).number, problem.message);

/** The one that the cursor is at, or the next one behind it, or the first. */
function nearest(state: EditorState): { from: number; message: string } | undefined {
  const problems = problemsOf(state);
  const line = state.doc.lineAt(state.selection.main.head).from;
  return problems.find(({ from }) => from >= line) ?? problems[0];
}

const goToNext: Command = (view) => {
  if (!nextDiagnostic(view)) return false;
  const { from } = view.state.selection.main;
  const reached = problemsOf(view.state).find((problem) => problem.from === from);
  view.dispatch({
    scrollIntoView: true,
    ...(reached ? { effects: EditorView.announce.of(describe(view.state, reached)) } : {}),
  });
  view.focus();
  return true;
};

function problemPanel(view: EditorView): Panel {
  const dom = document.createElement('div');
  dom.className = 'cm-problems';
  const count = document.createElement('strong');
  const text = document.createElement('span');
  const next = document.createElement('button');
  next.type = 'button';
  next.textContent = words.problems.next;
  next.title = 'F8';
  next.setAttribute('aria-keyshortcuts', 'F8');
  next.addEventListener('click', () => goToNext(view));
  dom.append(count, text, next);
  const show = (state: EditorState) => {
    const problem = nearest(state);
    count.textContent = words.problems.count(problemsOf(state).length);
    text.textContent = problem ? describe(state, problem) : '';
  };
  show(view.state);
  return {
    dom,
    update: ({ state }) => {
      show(state);
    },
  };
}

const panelWhereNeeded = StateField.define<boolean>({
  create: () => false,
  update: (shown, { effects }) =>
    effects.reduce(
      (before, effect) => (effect.is(setDiagnosticsEffect) ? effect.value.length > 0 : before),
      shown,
    ),
  provide: (field) => showPanel.from(field, (shown) => (shown ? problemPanel : null)),
});

const toDiagnostic = ({ from, to, message, severity }: Fault): Diagnostic => ({
  from,
  to,
  message,
  severity,
});

export function problems(check: Checker): Extension {
  return [
    unfinishedLine,
    linter(
      async ({ state }) => {
        const text = state.doc.toString();
        const faults = (await check(text)) ?? syntaxFaults(syntaxTree(state), text);
        return faults.filter((fault) => !isUnfinished(state, fault)).map(toDiagnostic);
      },
      {
        delay: delayMs,
        needsRefresh: ({ startState, state, transactions }) =>
          startState.field(unfinishedLine) !== state.field(unfinishedLine) ||
          transactions.some(({ effects }) => effects.some((effect) => effect.is(checkAgain))),
      },
    ),
    panelWhereNeeded,
    keymap.of([{ key: 'F8', run: goToNext }]),
  ];
}
