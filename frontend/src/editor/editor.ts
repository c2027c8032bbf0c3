// The program's editor as the page sees it, whichever one is there.

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
