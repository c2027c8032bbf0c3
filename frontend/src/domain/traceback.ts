// Finds the parts of a traceback that point into the submitted program.

export interface SourceReference {
  /** Offsets in the row, in UTF-16 units, of the words `line N`. */
  readonly start: number;
  readonly end: number;
  /** One-based line of main.py. */
  readonly line: number;
}

// The program is always main.py; other files of the same name sit in packages.
const reference = /File "(?:[^"]*\/)?main\.py", (line (\d{1,7}))/g;

/** The line of a traceback that says what happened: a name as those of exceptions, alone or with a message. */
export const isException = (text: string): boolean =>
  /^(?:\w+\.)*\w*(?:Error|Exception|Interrupt|Exit|Iteration|Warning)(?::|$)/.test(text);

export function findSourceReferences(text: string): SourceReference[] {
  if (!text.includes('main.py", line ')) return [];
  if (text.includes('-packages/')) return [];
  return Array.from(text.matchAll(reference), (match) => {
    const words = match[1] ?? '';
    const end = match.index + match[0].length;
    return { start: end - words.length, end, line: Number(match[2]) };
  });
}
