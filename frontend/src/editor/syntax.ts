// What the editor's own parser cannot read of a program: at once and without loading anything, but in few words.
// The parser goes on behind a fault, so one mistake may leave several marks in its tree; one fault is made of them.
import type { SyntaxNode, Tree } from '@lezer/common';
import { words } from '../words';

/** A fault of the program and where it is, as UTF-16 offsets. */
export interface Fault {
  readonly from: number;
  readonly to: number;
  readonly message: string;
  readonly severity: 'error' | 'warning';
}

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const mostFaults = 50;

export function syntaxFaults(tree: Tree, text: string): Fault[] {
  const faults: Fault[] = [];
  let coveredTo = -1;
  tree.iterate({
    enter({ type, node }) {
      if (!type.isError || faults.length >= mostFaults) return;
      if (isValidAnyway(node, text)) {
        coveredTo = Math.max(coveredTo, lineEnd(text, node.to));
        return;
      }
      const open = unclosedAround(node, text);
      if (open) {
        // What follows an open bracket is read as a part of it.
        if (open.from < coveredTo) return;
        coveredTo = open.to;
        faults.push(
          fault(open.from, open.from + 1, words.problems.unclosed(text.charAt(open.from))),
        );
        return;
      }
      if (node.from <= coveredTo) return;
      const range = visibleRange(node.from, node.to, text);
      coveredTo = lineEnd(text, range.to);
      faults.push(fault(range.from, range.to, messageAt(node, text)));
    },
  });
  return faults;
}

const fault = (from: number, to: number, message: string): Fault => ({
  from,
  to,
  message,
  severity: 'error',
});

/** Python that the parser does not know. */
function isValidAnyway(node: SyntaxNode, text: string): boolean {
  for (let outer = node.parent; outer && outer.name !== 'Body'; outer = outer.parent) {
    // `with (a as b, c as d):`
    if (outer.name === 'WithStatement') return true;
    // `for x in *a, b:`
    if (outer.name === 'ForStatement') return /^in\s*\*/.test(text.slice(node.from - 3));
  }
  return node.parent?.name === 'YieldExpression';
}

function unclosedAround(node: SyntaxNode, text: string): SyntaxNode | null {
  for (let outer = node.parent; outer; outer = outer.parent) {
    const close = closing[text.charAt(outer.from)];
    if (close === undefined || outer.name === 'Script') continue;
    const isClosed = outer.getChild(close) !== null;
    if (outer.firstChild?.to === outer.from + 1 && !isClosed) return outer;
  }
  return null;
}

function messageAt(node: SyntaxNode, text: string): string {
  const wrong = text.slice(node.from, node.to);
  if (Object.values(closing).includes(wrong)) return words.problems.unopened(wrong);
  const { parent } = node;
  if (parent?.name === 'Body') {
    return text.charAt(parent.from) === ':'
      ? words.problems.blockMissing
      : words.problems.colonMissing;
  }
  const isHeader = /^(?:If|While|Try|Match)Statement$/.test(parent?.name ?? '');
  return isHeader && /^\s*\n/.test(text.slice(node.from))
    ? words.problems.colonMissing
    : words.problems.invalid;
}

/** Something to underline, also where what is wrong is that something is missing. */
function visibleRange(from: number, to: number, text: string): { from: number; to: number } {
  const wrong = /^[ \t]*([^\s]+)/.exec(text.slice(from, Math.max(to, lineEnd(text, from))));
  if (wrong?.[1] !== undefined) {
    const end = from + wrong[0].length;
    return { from: end - wrong[1].length, to: end };
  }
  const before = text.slice(0, from).trimEnd().length;
  return before > 0 ? { from: before - 1, to: before } : { from, to };
}

function lineEnd(text: string, position: number): number {
  const end = text.indexOf('\n', position);
  return end < 0 ? text.length : end;
}
