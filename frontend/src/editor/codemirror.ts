// Puts the large editor together from CodeMirror's parts and ours. Loaded as a chunk of its own.
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete';
import {
  defaultKeymap,
  history,
  historyKeymap,
  indentWithTab,
  isolateHistory,
} from '@codemirror/commands';
import {
  bracketMatching,
  indentOnInput,
  indentUnit,
  syntaxHighlighting,
} from '@codemirror/language';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import {
  ChangeSet,
  Compartment,
  EditorSelection,
  EditorState,
  type ChangeDesc,
  type Extension,
  type Text,
} from '@codemirror/state';
import {
  crosshairCursor,
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
} from '@codemirror/view';
import { python } from './completion';
import { documentation } from './documentation';
import type { Editor, EditorOptions } from './editor';
import { atFirstPause } from './first-pause';
import { checkAgain, problems } from './problems';
import { createRuff } from './ruff';
import { editorTheme, pythonColours } from './theme';

const editing: readonly Extension[] = [
  lineNumbers(),
  highlightActiveLineGutter(),
  highlightSpecialChars(),
  history(),
  drawSelection(),
  dropCursor(),
  EditorState.allowMultipleSelections.of(true),
  EditorState.tabSize.of(4),
  indentUnit.of('    '),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  autocompletion({ icons: false }),
  rectangularSelection(),
  crosshairCursor(),
  highlightActiveLine(),
  highlightSelectionMatches(),
  // Tab indents. Esc, then Tab leaves the editor, as the page says above it (WCAG 2.1.2).
  keymap.of([
    ...closeBracketsKeymap,
    ...defaultKeymap,
    ...searchKeymap,
    ...historyKeymap,
    ...completionKeymap,
    indentWithTab,
  ]),
  python,
  documentation,
  syntaxHighlighting(pythonColours),
  editorTheme,
];

export function mountCodeMirror(parent: HTMLElement, options: EditorOptions): Editor {
  // Code keeps its shape where there is room and wraps where there is not.
  const narrow = window.matchMedia('(max-width: 40rem)');
  const wrapping = new Compartment();
  const attributes = new Compartment();
  const wrap = () => (narrow.matches ? EditorView.lineWrapping : []);
  const describe = (isInvalid: boolean) =>
    EditorView.contentAttributes.of({
      'aria-label': options.label,
      'aria-describedby': options.describedBy,
      'aria-invalid': String(isInvalid),
      autocapitalize: 'off',
      autocorrect: 'off',
      spellcheck: 'false',
      // Editable content can be focused anyway. This tells tools that do not know it.
      tabindex: '0',
    });

  const ruff = createRuff(() => {
    view.dispatch({ effects: checkAgain.of(null) });
  });
  /** The program as it was run, and what has been changed since. */
  let ran: { readonly doc: Text; readonly changes: ChangeDesc } | null = null;
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        editing,
        problems(ruff.check),
        atFirstPause(ruff.load),
        wrapping.of(wrap()),
        attributes.of(describe(false)),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          if (ran) ran = { ...ran, changes: ran.changes.composeDesc(update.changes.desc) };
          options.onChange();
        }),
      ],
    }),
  });
  const rewrap = () => {
    view.dispatch({ effects: wrapping.reconfigure(wrap()) });
  };
  narrow.addEventListener('change', rewrap);

  return {
    text: () => view.state.doc.toString(),
    selection: () => ({ from: view.state.selection.main.from, to: view.state.selection.main.to }),
    hasFocus: () => view.hasFocus,
    focus: () => {
      view.focus();
    },
    replace(text) {
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: text },
        selection: { anchor: 0 },
        scrollIntoView: true,
        annotations: isolateHistory.of('full'),
      });
    },
    select({ from, to }) {
      const end = view.state.doc.length;
      view.dispatch({ selection: EditorSelection.range(Math.min(from, end), Math.min(to, end)) });
    },
    rememberRun() {
      const { doc } = view.state;
      ran = { doc, changes: ChangeSet.empty(doc.length).desc };
    },
    revealLine(line) {
      const doc = ran?.doc ?? view.state.doc;
      const then = doc.line(Math.min(Math.max(line, 1), doc.lines)).from;
      const { from, to } = view.state.doc.lineAt(ran?.changes.mapPos(then, 1) ?? then);
      view.dispatch({
        selection: EditorSelection.range(from, to),
        effects: EditorView.scrollIntoView(from, { y: 'center' }),
      });
      view.focus();
    },
    markInvalid(isInvalid) {
      view.dispatch({ effects: attributes.reconfigure(describe(isInvalid)) });
    },
    async format() {
      for (;;) {
        const { doc } = view.state;
        const answer = await ruff.format(doc.toString());
        const module = await import('./format').catch(() => null);
        if (answer.kind !== 'formatted') return answer.kind;
        if (!module) return 'unavailable';
        // What was written meanwhile has to be formatted too.
        if (!view.state.doc.eq(doc)) continue;
        const changes = module.toFormatted(view.state, answer.text);
        if (changes) view.dispatch(changes);
        return changes ? 'formatted' : 'unchanged';
      }
    },
    dispose() {
      narrow.removeEventListener('change', rewrap);
      view.destroy();
    },
  };
}
