// Mirrors the rows of a terminal in the DOM: only what changed, in blocks the browser can skip.
import { Terminal, type Row } from '../domain/terminal';
import { el } from './dom';
import { drawRow, type DrawDisplay } from './output-row';

/** Rows per block; blocks out of sight are neither laid out nor painted (content-visibility). */
const blockRows = 100;

export class OutputView {
  private terminal = new Terminal();
  private firstDrawn = 0;
  private nextDrawn = 0;
  private lastVersion = -1;

  constructor(
    private readonly root: HTMLElement,
    private readonly drawDisplay: DrawDisplay,
  ) {}

  /** Draws until everything is drawn or, after a block, `mayContinue` returns false; true when everything is. */
  draw(terminal: Terminal, mayContinue: () => boolean = () => true): boolean {
    if (terminal !== this.terminal) this.clear(terminal);
    if (terminal.firstIndex >= this.nextDrawn) {
      this.root.replaceChildren();
      this.firstDrawn = terminal.firstIndex;
      this.nextDrawn = terminal.firstIndex;
    }
    this.dropBefore(terminal.firstIndex);
    this.redrawLast();
    this.appendNew(mayContinue);
    return this.nextDrawn >= terminal.nextIndex;
  }

  /** The element of the row with this number in the terminal. */
  elementOf(index: number): HTMLElement | null {
    let first = this.firstDrawn;
    for (const block of this.root.children) {
      const element = block.children[index - first];
      if (element instanceof HTMLElement) return element;
      first += block.childElementCount;
    }
    return null;
  }

  /** The number of the first row in sight, and the one after the last block of which something is in sight. */
  inSight(): readonly [number, number] {
    const { top, bottom } = this.root.getBoundingClientRect();
    const isBelowTop = (element: Element) => element.getBoundingClientRect().bottom >= top;
    let first = this.firstDrawn;
    let from: number | null = null;
    for (const block of this.root.children) {
      if (block.getBoundingClientRect().top > bottom) break;
      if (from === null && isBelowTop(block)) {
        from = first + Math.max(0, Array.from(block.children).findIndex(isBelowTop));
      }
      first += block.childElementCount;
    }
    return [from ?? first, first];
  }

  private clear(terminal: Terminal): void {
    this.terminal = terminal;
    this.root.replaceChildren();
    this.firstDrawn = 0;
    this.nextDrawn = 0;
    this.lastVersion = -1;
  }

  private dropBefore(index: number): void {
    while (this.firstDrawn < index) {
      const block = this.root.firstElementChild;
      if (!block) return;
      if (this.firstDrawn + block.childElementCount <= index) {
        this.firstDrawn += block.childElementCount;
        block.remove();
      } else {
        block.firstElementChild?.remove();
        this.firstDrawn += 1;
      }
    }
  }

  /** The row that was last at the previous drawing may have grown since; all before it are final. */
  private redrawLast(): void {
    const row = this.rowAt(this.nextDrawn - 1);
    const element = this.root.lastElementChild?.lastElementChild;
    if (row && element instanceof HTMLElement && row.version !== this.lastVersion) {
      drawRow(element, row, this.drawDisplay);
      this.lastVersion = row.version;
    }
  }

  private appendNew(mayContinue: () => boolean): void {
    const firstNew = this.nextDrawn;
    let block = this.root.lastElementChild;
    for (let row = this.rowAt(this.nextDrawn); row; row = this.rowAt(this.nextDrawn)) {
      if (!block || block.childElementCount >= blockRows) {
        if (this.nextDrawn > firstNew && !mayContinue()) return;
        block = el('div', { class: 'block' });
        this.root.append(block);
      }
      const element = el('div');
      drawRow(element, row, this.drawDisplay);
      block.append(element);
      this.lastVersion = row.version;
      this.nextDrawn += 1;
    }
  }

  private rowAt(index: number): Row | undefined {
    return this.terminal.rows[index - this.terminal.firstIndex];
  }
}
