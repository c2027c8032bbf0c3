// Turns the program into a formatted one by the smallest changes, so that cursor, marks and the lines of the last run stay where
// they are, and one step undoes all of it. Loaded with the first use.
import { isolateHistory } from '@codemirror/commands';
import { diff } from '@codemirror/merge';
import type { EditorState, TransactionSpec } from '@codemirror/state';

/** The comparison ends when it has taken this long, and then replaces more than it would have to. */
const patienceMs = 500;

export function toFormatted({ doc }: EditorState, text: string): TransactionSpec | null {
  const changes = diff(doc.toString(), text, { timeout: patienceMs }).map(
    ({ fromA, toA, fromB, toB }) => ({ from: fromA, to: toA, insert: text.slice(fromB, toB) }),
  );
  if (changes.length === 0) return null;
  return { changes, annotations: isolateHistory.of('full'), userEvent: 'format' };
}
