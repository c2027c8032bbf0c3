// A small terminal: text with control characters in, a bounded list of styled rows out.
// Not a screen: there is no cursor addressing across rows, so every row but the last is final.
import type { Display, StreamName } from './run';
import { applySgr, plain, type TextStyle } from './sgr';

export interface Segment {
  readonly text: string;
  readonly style: TextStyle;
}

export interface Row {
  readonly kind: StreamName | 'notice' | 'display';
  /** Of a row without text. */
  readonly display?: Display;
  segments: Segment[];
  /** Rises with every change, so that a view knows when to draw the row again. */
  version: number;
}

/** What a browser lays out without trouble; everything older is dropped from the view. */
export const maxRows = 5_000;
/** In characters, each segment counted as `segmentWeight` more: bounds the number of DOM nodes. */
const maxWeight = 1_000_000;
const segmentWeight = 20;
/** A longer line continues on the next row, because browsers wrap huge lines very slowly. */
const maxColumns = 2_000;
/** An escape sequence cut by the end of a chunk is kept up to this length, then shown as text. */
const maxCarry = 4_096;

/* eslint-disable no-control-regex -- control characters are the subject here */
// Bidirectional overrides could make output look like something else; separators would break rows.
const token =
  /[^\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-OQ-WYZ\\`-~]|[^]/gy;
const unfinishedEscape = /^\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b\n]*\x1b?|[ -/]*)$/;
const ascii = /^[\x00-\x7f]*$/;
/* eslint-enable no-control-regex */

interface StreamState {
  style: TextStyle;
  carry: string;
}

export class Terminal {
  /** Rows still kept, oldest first; `rows[0]` has the number `firstIndex`. */
  readonly rows: Row[] = [];
  firstIndex = 0;

  private readonly streams: Record<StreamName, StreamState> = {
    stdout: { style: plain, carry: '' },
    stderr: { style: plain, carry: '' },
  };
  private open: Row | null = null;
  private column = 0;
  private width = 0;
  private weight = 0;

  get nextIndex(): number {
    return this.firstIndex + this.rows.length;
  }

  /** Text of one stream. When the stream changes in the middle of a line, a new row begins. */
  write(stream: StreamName, chunk: string): void {
    const state = this.streams[stream];
    const text = state.carry + chunk;
    state.carry = '';
    token.lastIndex = 0;
    while (token.lastIndex < text.length) {
      const at = token.lastIndex;
      const part = token.exec(text)?.[0] ?? '';
      if (part === '\x1b' && text.length - at <= maxCarry) {
        const rest = text.slice(at);
        if (unfinishedEscape.test(rest)) {
          state.carry = rest;
          break;
        }
      }
      this.apply(stream, state, part);
    }
    this.trim();
  }

  /** No more text will come: an unfinished escape sequence is shown as it is. */
  finish(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const state = this.streams[stream];
      for (const character of state.carry) this.put(stream, visible(character), state.style);
      state.carry = '';
    }
  }

  /** A notice from the page, on a row of its own. */
  notice(text: string): void {
    this.open = null;
    this.push({ kind: 'notice', segments: [{ text, style: plain }], version: 0 });
    this.weight += text.length + segmentWeight;
    this.trim();
  }

  /** A figure or table, on a row of its own. */
  show(display: Display): void {
    this.open = null;
    this.push({ kind: 'display', display, segments: [], version: 0 });
    this.trim();
  }

  private apply(stream: StreamName, state: StreamState, part: string): void {
    const first = part.charCodeAt(0);
    if (part.length > 1 && first === 0x1b) {
      if (part[1] === '[') this.control(stream, state, part);
    } else if (part === '\n') {
      this.rowFor(stream);
      this.open = null;
    } else if (part === '\r') {
      if (this.isOpen(stream)) this.column = 0;
    } else if (part === '\b') {
      if (this.isOpen(stream)) this.column = Math.max(0, this.column - 1);
    } else if (part === '\x07') {
      // The bell has nothing to show.
    } else {
      this.put(stream, isShownAsIs(first) ? part : visible(part), state.style);
    }
  }

  private control(stream: StreamName, state: StreamState, sequence: string): void {
    const parameters = sequence.slice(2, -1);
    if (sequence.endsWith('m')) {
      state.style = applySgr(state.style, parameters);
      return;
    }
    if (!this.isOpen(stream)) return;
    const amount = Math.min(maxColumns, Math.max(1, Number.parseInt(parameters, 10) || 1));
    switch (sequence.at(-1)) {
      case 'K':
        this.eraseInLine(parameters);
        break;
      case 'C':
        this.column = Math.min(this.width, this.column + amount);
        break;
      case 'D':
        this.column = Math.max(0, this.column - amount);
        break;
      case 'G':
        this.column = Math.min(this.width, amount - 1);
        break;
      default: // Cursor addressing, modes and reports mean nothing in a log.
    }
  }

  private isOpen(stream: StreamName): boolean {
    return this.open?.kind === stream;
  }

  private rowFor(stream: StreamName): Row {
    if (this.open?.kind === stream) return this.open;
    const row: Row = { kind: stream, segments: [], version: 0 };
    this.push(row);
    this.open = row;
    this.column = 0;
    this.width = 0;
    return row;
  }

  private push(row: Row): void {
    this.rows.push(row);
    this.weight += segmentWeight;
  }

  private put(stream: StreamName, text: string, style: TextStyle): void {
    let rest = text;
    while (rest.length > 0) {
      let row = this.rowFor(stream);
      if (this.column >= maxColumns) {
        this.open = null;
        row = this.rowFor(stream);
      }
      const room = maxColumns - this.column;
      const piece = rest.length <= room ? rest : sliceColumns(rest, 0, room);
      this.putInRow(row, piece, style);
      rest = rest.slice(piece.length);
    }
  }

  private putInRow(row: Row, text: string, style: TextStyle): void {
    const columns = columnsOf(text);
    const segments = row.segments;
    if (this.column >= this.width) {
      // The common case must not look at the whole row: it may have thousands of segments.
      const last = segments.at(-1);
      const joins = last?.style === style;
      if (joins) segments[segments.length - 1] = { text: last.text + text, style };
      else segments.push({ text, style });
      this.weight += text.length + (joins ? 0 : segmentWeight);
    } else {
      const before = weightOf(row);
      row.segments = [
        ...cut(segments, 0, this.column),
        { text, style },
        ...cut(segments, this.column + columns, Infinity),
      ];
      this.weight += weightOf(row) - before;
    }
    this.column += columns;
    this.width = Math.max(this.width, this.column);
    row.version += 1;
  }

  private eraseInLine(parameters: string): void {
    const row = this.open;
    if (!row) return;
    const before = weightOf(row);
    if (parameters === '' || parameters === '0') {
      row.segments = cut(row.segments, 0, this.column);
      this.width = Math.min(this.width, this.column);
    } else if (parameters === '2') {
      row.segments = this.column > 0 ? [{ text: ' '.repeat(this.column), style: plain }] : [];
      this.width = this.column;
    } else if (parameters === '1') {
      const blank = { text: ' '.repeat(this.column), style: plain };
      row.segments = [blank, ...cut(row.segments, this.column, Infinity)];
    }
    this.weight += weightOf(row) - before;
    row.version += 1;
  }

  /** Drops old rows in larger steps, so that the cost per written row stays constant. */
  private trim(): void {
    if (this.rows.length <= maxRows * 1.2 && this.weight <= maxWeight) return;
    let drop = Math.max(0, this.rows.length - maxRows);
    let weight = this.weight;
    this.rows.forEach((row, index) => {
      if (index >= this.rows.length - 1) return;
      if (index < drop || weight > maxWeight * 0.8) {
        weight -= weightOf(row) + segmentWeight;
        drop = Math.max(drop, index + 1);
      }
    });
    this.weight = weight;
    this.rows.splice(0, drop);
    this.firstIndex += drop;
  }
}

/** Plain text of a row, as it is searched for traceback lines. */
export const textOf = (row: Row): string => row.segments.map((segment) => segment.text).join('');

function weightOf(row: Row): number {
  let weight = 0;
  for (const segment of row.segments) weight += segment.text.length + segmentWeight;
  return weight;
}

/** One column per code point: enough for overwriting, which in practice is ASCII. */
function columnsOf(text: string): number {
  if (ascii.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += character.length > 0 ? 1 : 0;
  return columns;
}

function sliceColumns(text: string, from: number, to: number): string {
  return ascii.test(text) ? text.slice(from, to) : Array.from(text).slice(from, to).join('');
}

/** The part of a row between two columns. */
function cut(segments: readonly Segment[], from: number, to: number): Segment[] {
  const result: Segment[] = [];
  let start = 0;
  for (const { text, style } of segments) {
    const columns = columnsOf(text);
    const piece =
      start >= to || start + columns <= from
        ? ''
        : sliceColumns(text, Math.max(0, from - start), Math.min(columns, to - start));
    if (piece) result.push({ text: piece, style });
    start += columns;
  }
  return result;
}

const isShownAsIs = (code: number): boolean =>
  code === 0x09 ||
  (code >= 0x20 &&
    !(code >= 0x7f && code <= 0x9f) &&
    code !== 0x061c &&
    code !== 0x200e &&
    code !== 0x200f &&
    !(code >= 0x2028 && code <= 0x202e) &&
    !(code >= 0x2066 && code <= 0x2069));

/** Characters that would be invisible or dangerous, as Python writes them: `\x00`, `\x1b`, `\u202e`. */
function visible(character: string): string {
  const code = character.charCodeAt(0);
  if (isShownAsIs(code)) return character;
  const hex = code.toString(16);
  return code <= 0xff ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`;
}
