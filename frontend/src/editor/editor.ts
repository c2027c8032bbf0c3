// The interface of the program's editor: CodeMirror or the plain text box.

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

/** Invalid: it is not valid Python. Unavailable: what formats could not be loaded. */
export type FormatOutcome = 'formatted' | 'unchanged' | 'invalid' | 'unavailable';

export interface Editor {
  text(): string;
  selection(): Selection;
  hasFocus(): boolean;
  focus(): void;
  /** Another program in one step, which can be undone. */
  replace(text: string): void;
  select(selection: Selection): void;
  /** The program is run as it is now: from here on lines are counted in it. */
  rememberRun(): void;
  /**
   * Selects a line (the first is 1) of the program as it was run, wherever it is now, scrolls to it and takes
   * the focus.
   */
  revealLine(line: number): void;
  markInvalid(isInvalid: boolean): void;
  /** Puts the program into ruff's form. One undo takes it back. */
  format(): Promise<FormatOutcome>;
  dispose(): void;
}

/** The editor of the page, whichever it is at the moment. */
export interface ProgramEditor extends Editor {
  /** Shows another text. Nothing of the one before can be undone. */
  open(text: string, selection?: Selection): void;
}

export type MountEditor = (parent: HTMLElement, options: EditorOptions) => Editor;
