// The left side: the editor, the standard input, and what the server found wrong with either.
import type { Editor } from '../editor/editor';
import { mountEditor } from '../editor/mount';
import type { Submission } from '../domain/run';
import type { State } from '../state/reduce';
import type { Store } from '../state/store';
import { words } from '../words';
import { el, setOptionalText } from './dom';
import './program.css';

export interface Program {
  readonly editor: Editor;
  submission(): Submission;
  dispose(): void;
}

export function mountProgram(
  root: HTMLElement,
  store: Store,
  draft: Submission,
  onChange: () => void,
): Program {
  const sourceError = el('p', { class: 'field-error', id: 'source-error' });
  const stdinError = el('p', { class: 'field-error', id: 'stdin-error' });
  const editorBox = el('div', { class: 'editor-box' });
  const stdin = el('textarea', {
    id: 'stdin',
    rows: '3',
    spellcheck: 'false',
    autocapitalize: 'off',
    autocomplete: 'off',
    'aria-describedby': 'stdin-hint stdin-error',
  });
  stdin.value = draft.stdin;
  stdin.addEventListener('input', onChange);
  const stdinDetails = el(
    'details',
    { class: 'stdin' },
    el('summary', {}, words.editor.stdinHeading),
    el('label', { for: 'stdin', class: 'visually-hidden' }, words.editor.stdinHeading),
    stdin,
    el('p', { id: 'stdin-hint', class: 'hint' }, words.editor.stdinHint),
    stdinError,
  );
  stdinDetails.open = draft.stdin !== '';

  root.append(
    el(
      'div',
      { class: 'panel-head' },
      el('h2', { id: 'program-heading' }, words.editor.heading),
      el('span', { class: 'file-name' }, words.editor.fileName),
      el('p', { id: 'editor-hint', class: 'hint' }, words.editor.hint),
    ),
    editorBox,
    sourceError,
    stdinDetails,
  );
  const editor = mountEditor(editorBox, {
    text: draft.source,
    label: words.editor.label,
    describedBy: 'editor-hint source-error',
    onChange,
  });

  const unsubscribe = store.subscribe((state) => {
    const source = errorsAt(state, '/source', words.problem.ofProgram);
    const input = errorsAt(state, '/stdin', words.problem.ofInput);
    setOptionalText(sourceError, source);
    setOptionalText(stdinError, input);
    stdin.setAttribute('aria-invalid', String(input !== null));
    if (input !== null) stdinDetails.open = true;
    editorBox.classList.toggle('is-invalid', source !== null);
    editor.markInvalid(source !== null);
  });

  return {
    editor,
    submission: () => ({ source: editor.text(), stdin: stdin.value }),
    dispose() {
      unsubscribe();
      editor.dispose();
    },
  };
}

/** The fields of the submission that have a place of their own on the page. */
export const shownFields = ['/source', '/stdin'];

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
