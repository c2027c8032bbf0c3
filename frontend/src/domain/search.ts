// Looks for a text in the rows of a terminal, a few rows at a time, and follows the terminal while it grows.
import { textOf, type Row, type Terminal } from './terminal';

export interface Match {
  /** Its number in the terminal. */
  readonly row: number;
  /** UTF-16 offsets into the row's text. */
  readonly start: number;
  readonly end: number;
}

/** More than anybody steps through, few enough to be counted and drawn at once. */
export const mostMatches = 10_000;
/** At most 100,000 characters, about a millisecond. */
const stepRows = 50;

export class OutputSearch {
  /** In the order of the output. */
  matches: Match[] = [];

  private readonly pattern: RegExp;
  private terminal: Terminal | null = null;
  private nextRow = 0;
  private lastVersion = -1;

  /** Capital letters and small ones are the same. */
  constructor(text: string) {
    this.pattern = new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'giu');
  }

  isCut(): boolean {
    return this.matches.length >= mostMatches;
  }

  /** Searches until nothing is left or `mayContinue` returns false; true when nothing is left. */
  work(terminal: Terminal, mayContinue: () => boolean): boolean {
    this.keepUp(terminal);
    while (this.nextRow < terminal.nextIndex && !this.isCut()) {
      const end = Math.min(this.nextRow + stepRows, terminal.nextIndex);
      while (this.nextRow < end) this.searchNext(terminal);
      if (!mayContinue()) break;
    }
    return this.nextRow >= terminal.nextIndex || this.isCut();
  }

  /** Forgets what the terminal has dropped, and looks again at the row that was the last one if it has grown. */
  private keepUp(terminal: Terminal): void {
    if (terminal !== this.terminal) {
      this.terminal = terminal;
      this.matches = [];
      this.nextRow = 0;
    }
    const { firstIndex } = terminal;
    if (this.matches[0] && this.matches[0].row < firstIndex) {
      this.matches = this.matches.filter(({ row }) => row >= firstIndex);
    }
    const last = this.nextRow - 1;
    this.nextRow = Math.max(this.nextRow, firstIndex);
    const row = rowAt(terminal, last);
    if (!row || row.version === this.lastVersion) return;
    while (this.matches.at(-1)?.row === last) this.matches.pop();
    this.nextRow = last;
  }

  private searchNext(terminal: Terminal): void {
    const index = this.nextRow;
    this.nextRow += 1;
    const row = rowAt(terminal, index);
    if (!row || this.isCut()) return;
    this.lastVersion = row.version;
    for (const found of textOf(row).matchAll(this.pattern)) {
      const end = found.index + found[0].length;
      this.matches.push({ row: index, start: found.index, end });
      if (this.isCut()) return;
    }
  }
}

const rowAt = ({ rows, firstIndex }: Terminal, index: number): Row | undefined =>
  rows[index - firstIndex];
