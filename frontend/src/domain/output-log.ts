// The output of the current run. Records are queued as they arrive and worked into rows a bit at a time,
// which keeps the page responsive: a million lines arrive faster than they can be drawn.
import type { Display, StreamName } from './run';
import { Terminal, textOf } from './terminal';

export interface OutputText {
  readonly stream: StreamName;
  readonly text: string;
  /** A notice from the page, which stands before this text. */
  readonly notice: string | null;
}

export type OutputRecord = OutputText | { readonly display: Display };

/** Small enough that a step stays far below a frame even when every character overwrites another. */
const stepCharacters = 2_048;

export class OutputLog {
  terminal = new Terminal();
  /** Line feeds received, so that the count is right even when old rows are dropped. */
  lineCount = 0;
  /** Rises when everything shown before has become invalid. */
  generation = 0;
  /** What is there has been taken away by the reader. */
  isCleared = false;

  private queue: OutputRecord[] = [];
  private offset = 0;
  private isFinished = false;
  private lastCharacter = '\n';
  private readonly listeners = new Set<() => void>();

  /** True while received text still waits to be worked into rows. */
  get isPending(): boolean {
    return this.queue.length > 0;
  }

  /** The last line that was received has no end yet, as that of a program that asks for something. */
  get endsInLine(): boolean {
    return this.lastCharacter !== '\n';
  }

  get isEmpty(): boolean {
    return this.queue.length === 0 && this.terminal.nextIndex === 0;
  }

  append(record: OutputRecord): void {
    this.queue.push(record);
    if ('text' in record) this.count(record);
    this.notify();
  }

  private count(record: OutputText): void {
    for (let at = record.text.indexOf('\n'); at >= 0; at = record.text.indexOf('\n', at + 1)) {
      this.lineCount += 1;
    }
    this.lastCharacter = record.text.at(-1) ?? this.lastCharacter;
  }

  /** The run has ended; a last line without line feed counts as a line. */
  finish(): void {
    if (this.isFinished) return;
    this.isFinished = true;
    if (this.lastCharacter !== '\n') this.lineCount += 1;
    if (!this.isPending) this.terminal.finish();
    this.notify();
  }

  reset(notice?: string): void {
    this.empty();
    this.lineCount = 0;
    this.isFinished = false;
    this.isCleared = false;
    this.lastCharacter = '\n';
    if (notice) this.terminal.notice(notice);
    this.notify();
  }

  /** Takes away what was received so far. What still comes is shown. */
  clear(): void {
    this.empty();
    this.isCleared = true;
    this.notify();
  }

  private empty(): void {
    this.terminal = new Terminal();
    this.queue = [];
    this.offset = 0;
    this.generation += 1;
  }

  /** Works on the queue until it is empty or `mayContinue` returns false. */
  work(mayContinue: () => boolean): void {
    let taken = 0;
    let record = this.queue[taken];
    while (record) {
      if (this.step(record)) {
        this.offset = 0;
        taken += 1;
        record = this.queue[taken];
      }
      if (!mayContinue()) break;
    }
    this.queue.splice(0, taken);
    if (this.isFinished && !this.isPending) this.terminal.finish();
  }

  /** Works on a part of the record; true when that was the last one. */
  private step(record: OutputRecord): boolean {
    if ('display' in record) {
      this.terminal.show(record.display);
      return true;
    }
    if (this.offset === 0 && record.notice !== null) this.terminal.notice(record.notice);
    const end = boundaryAfter(record.text, this.offset + stepCharacters);
    this.terminal.write(record.stream, record.text.slice(this.offset, end));
    this.offset = end;
    return end >= record.text.length;
  }

  /** The last rows as text, for hints about how the program ended. */
  tail(rows: number): string {
    return this.terminal.rows.slice(-rows).map(textOf).join('\n');
  }

  /** What is shown, without figures and tables. */
  text(): string {
    const printed = this.terminal.rows.filter((row) => !row.display);
    return printed.map((row) => `${textOf(row)}\n`).join('');
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private notify(): void {
    for (const listener of this.listeners) listener();
  }
}

/** Never between the two halves of a surrogate pair. */
function boundaryAfter(text: string, index: number): number {
  if (index >= text.length) return text.length;
  const code = text.charCodeAt(index);
  return code >= 0xdc00 && code <= 0xdfff ? index + 1 : index;
}
