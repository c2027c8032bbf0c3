// The left side: the editor, the standard input, and what the server found wrong with either.
import type { ProgramEditor } from '../editor/editor';
import { mountEditor } from '../editor/mount';
import type { Draft } from '../domain/draft';
import { usualFileBounds } from '../domain/files';
import { isProgramName } from '../domain/program-file';
import type { Bounds, Options } from '../domain/options';
import type { State } from '../state/reduce';
import type { Store } from '../state/store';
import { words } from '../words';
import { el, setOptionalText } from './dom';
import { isOfFiles, mountFiles } from './files';
import { mountOptions, optionOf } from './options';
import './program.css';

export interface Program {
  readonly editor: ProgramEditor;
  /** Beside the heading. */
  readonly tools: HTMLElement;
  /** Where the tools of the editor go. */
  readonly editorTools: HTMLElement;
  readonly draft: () => Draft;
  /** Shows another draft. */
  open(draft: Draft): void;
  /** Shows what the draft has become elsewhere; the cursor stays. */
  follow(draft: Draft): void;
  /** Puts another draft in its place. One undo in the editor brings the program back. */
  readonly replace: (draft: Draft) => void;
  setOptions(options: Options): void;
  /** What is in the editor is run now. */
  rememberRun(): void;
  dispose(): void;
}

export function mountProgram(
  root: HTMLElement,
  store: Store,
  initial: Draft,
  onChange: () => void,
  onProgramFile: (file: File) => void,
): Program {
  const sourceError = el('p', { class: 'field-error', id: 'source-error' });
  const stdinError = el('p', { class: 'field-error', id: 'stdin-error' });
  const editorBox = el('div', { class: 'editor-box' });
  const stdin = el('textarea', {
    class: 'field',
    id: 'stdin',
    rows: '3',
    spellcheck: 'false',
    autocapitalize: 'off',
    autocomplete: 'off',
    'aria-describedby': 'stdin-hint stdin-error',
  });
  stdin.value = initial.stdin;
  stdin.addEventListener('input', onChange);
  const stdinDetails = el(
    'details',
    { class: 'fold stdin' },
    el('summary', {}, words.editor.stdinHeading),
    el('label', { for: 'stdin', class: 'visually-hidden' }, words.editor.stdinHeading),
    stdin,
    el('p', { id: 'stdin-hint', class: 'hint' }, words.editor.stdinHint),
    stdinError,
  );
  stdinDetails.open = initial.stdin !== '';
  const editorTools = el('div', {
    class: 'editor-tools',
    role: 'group',
    'aria-label': words.editor.tools,
  });
  const options = mountOptions(initial.options, onChange);
  const files = mountFiles(initial.files, onChange);
  acceptDrops(root, (dropped, target) => {
    const [file] = dropped;
    const isProgram = dropped.length === 1 && editorBox.contains(target);
    // Beside the editor, and together with others, a program is a module of a run.
    if (file && isProgram && isProgramName(file.name)) onProgramFile(file);
    else void files.add(dropped);
  });

  const tools = el('div', { class: 'panel-tools' });
  root.append(
    el(
      'div',
      { class: 'panel-head' },
      el('h2', { id: 'program-heading' }, words.editor.heading),
      tools,
      editorTools,
      el('p', { id: 'editor-hint', class: 'hint' }, words.editor.hint),
    ),
    editorBox,
    sourceError,
    files.root,
    stdinDetails,
    options.root,
  );
  const editor = mountEditor(editorBox, {
    text: initial.source,
    label: words.editor.label,
    describedBy: 'editor-hint source-error',
    onChange() {
      tellChange();
      onChange();
    },
  });
  const setInput = (draft: Draft) => {
    stdin.value = draft.stdin;
    if (draft.stdin !== '') stdinDetails.open = true;
    options.set(draft.options);
  };
  let ranSource: string | null = null;
  const tellChange = () => {
    const isChanged = ranSource !== null && editor.text() !== ranSource;
    store.dispatch({ type: 'program_changed', isChanged });
  };

  let bounds: Bounds | null = null;
  const unsubscribe = store.subscribe((state) => {
    const source = errorsAt(state, '/source', words.problem.ofProgram);
    const input = errorsAt(state, '/stdin', words.problem.ofInput);
    const problem = state.phase.kind === 'refused' ? state.phase.problem : null;
    options.showErrors(problem);
    if (problem) files.showErrors(problem);
    if (state.bounds && state.bounds !== bounds) {
      bounds = state.bounds;
      options.showBounds(bounds);
      files.showBounds({
        count: bounds.files ?? usualFileBounds.count,
        bytes: bounds.file_bytes ?? usualFileBounds.bytes,
      });
    }
    setOptionalText(sourceError, source);
    setOptionalText(stdinError, input);
    stdin.setAttribute('aria-invalid', String(input !== null));
    if (input !== null) stdinDetails.open = true;
    editorBox.classList.toggle('is-invalid', source !== null);
    editor.markInvalid(source !== null);
  });

  return {
    editor,
    tools,
    editorTools,
    draft: () => ({
      source: editor.text(),
      stdin: stdin.value,
      options: options.value(),
      files: files.value(),
    }),
    open(draft) {
      editor.open(draft.source);
      setInput(draft);
      files.set(draft.files);
      ranSource = null;
      tellChange();
    },
    follow(draft) {
      if (draft.source !== editor.text()) editor.open(draft.source, editor.selection());
      setInput(draft);
      tellChange();
    },
    replace(draft) {
      setInput(draft);
      files.set(draft.files);
      editor.replace(draft.source);
    },
    setOptions: (wanted) => {
      options.set(wanted);
    },
    rememberRun() {
      ranSource = editor.text();
      editor.rememberRun();
      tellChange();
    },
    dispose() {
      unsubscribe();
      editor.dispose();
    },
  };
}

/** The faults of a submission that are shown at a field of the page. */
export const hasField = (pointer: string): boolean =>
  pointer === '/source' || pointer === '/stdin' || optionOf(pointer) !== null || isOfFiles(pointer);

/** Files of this computer that are dropped anywhere on `target`. */
function acceptDrops(
  target: HTMLElement,
  take: (files: readonly File[], target: Node | null) => void,
): void {
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  const mark = (isOver: boolean) => target.classList.toggle('is-dropped-on', isOver);
  target.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault(); // or the browser would leave the page for the file
    mark(true);
  });
  target.addEventListener('dragleave', (event) => {
    if (!target.contains(event.relatedTarget as Node | null)) mark(false);
  });
  // Before the editor, which would take a file's text.
  target.addEventListener(
    'drop',
    (event) => {
      mark(false);
      if (!hasFiles(event)) return;
      event.preventDefault();
      event.stopPropagation();
      take([...(event.dataTransfer?.files ?? [])], event.target as Node | null);
    },
    { capture: true },
  );
}

function errorsAt(
  { phase }: State,
  pointer: string,
  sentence: (detail: string) => string,
): string | null {
  if (phase.kind !== 'refused') return null;
  const details = phase.problem.errors
    .filter((error) => error.pointer === pointer)
    .map((error) => sentence(error.detail));
  return details.length > 0 ? details.join(' ') : null;
}
