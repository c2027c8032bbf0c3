// The program's editor as the page sees it. A plain text box is there at once; CodeMirror takes its
// place when its chunk has arrived, keeping text, cursor and focus. Without it the box stays usable.
import { mountPlain } from './plain';

export interface EditorOptions {
  readonly text: string;
  readonly label: string;
  /** Ids of the elements that explain the editor and its faults. */
  readonly describedBy: string;
  onChange(): void;
}

export interface Selection {
  /** UTF-16 offsets into the text. */
  readonly from: number;
  readonly to: number;
}

export interface Editor {
  text(): string;
  selection(): Selection;
  hasFocus(): boolean;
  focus(): void;
  select(selection: Selection): void;
  /** Selects a line, counted from one, scrolls to it and takes the focus. */
  revealLine(line: number): void;
  markInvalid(isInvalid: boolean): void;
  dispose(): void;
}

export type MountEditor = (parent: HTMLElement, options: EditorOptions) => Editor;

const loadCodeMirror = (): Promise<MountEditor> =>
  import('./codemirror').then((module) => module.mountCodeMirror);

export function mountEditor(
  parent: HTMLElement,
  options: EditorOptions,
  load: () => Promise<MountEditor> = loadCodeMirror,
): Editor {
  let current = mountPlain(parent, options);
  let isInvalid = false;
  let isDisposed = false;

  load().then(
    (mount) => {
      if (isDisposed) return;
      const plain = current;
      const selection = plain.selection();
      const hadFocus = plain.hasFocus();
      current = mount(parent, { ...options, text: plain.text() });
      plain.dispose();
      current.select(selection);
      current.markInvalid(isInvalid);
      if (hadFocus) current.focus();
    },
    (error: unknown) => {
      console.warn('the editor could not be loaded, the plain text box stays', error);
    },
  );

  return {
    text: () => current.text(),
    selection: () => current.selection(),
    hasFocus: () => current.hasFocus(),
    focus: () => {
      current.focus();
    },
    select: (selection) => {
      current.select(selection);
    },
    revealLine: (line) => {
      current.revealLine(line);
    },
    markInvalid: (value) => {
      isInvalid = value;
      current.markInvalid(value);
    },
    dispose: () => {
      isDisposed = true;
      current.dispose();
    },
  };
}
