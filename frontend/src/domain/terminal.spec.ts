import { describe, expect, it } from 'vitest';
import { maxRows, Terminal, textOf } from './terminal';

const rowsAfter = (...chunks: string[]): string[] => {
  const terminal = new Terminal();
  for (const chunk of chunks) terminal.write('stdout', chunk);
  terminal.finish();
  return terminal.rows.map(textOf);
};

describe('Terminal', () => {
  it.each<[string, string[], string[]]>([
    ['lines', ['a\nb\n'], ['a', 'b']],
    ['an empty line', ['a\n\nb'], ['a', '', 'b']],
    ['CR LF', ['a\r\nb\r\n'], ['a', 'b']],
    ['a line in pieces', ['a', 'b', '\nc'], ['ab', 'c']],
    ['a progress bar', [' 10%\r 20%\r100%\n'], ['100%']],
    ['an overwritten part', ['abcdef\rXY'], ['XYcdef']],
    ['backspace', ['abc\b\bX'], ['aXc']],
    ['erase to the end', ['abcdef\rab\x1b[K'], ['ab']],
    ['erase the line', ['abc\r\x1b[2Kx'], ['x']],
    ['erase to the start', ['abc\x1b[1KX'], ['   X']],
    ['the cursor moving left', ['abc\x1b[2DX'], ['aXc']],
    ['a wide character overwritten', ['😀b\rX'], ['Xb']],
    ['tabs', ['a\tb'], ['a\tb']],
    ['an escape sequence cut in two', ['a\x1b[3', '1mb'], ['ab']],
    ['a window title', ['\x1b]0;title\x07a', '\x1b]0;t\x1b\\b'], ['ab']],
    ['a window title cut in two', ['\x1b]0;ti', 'tle\x07a'], ['a']],
    ['an unknown sequence', ['a\x1b[?25lb\x1b[3Ac'], ['abc']],
    ['the bell', ['a\x07b'], ['ab']],
    ['control characters', ['a\0b\x7f\x9b'], ['a\\x00b\\x7f\\x9b']],
    ['direction overrides', ['a\u202eb\u2066\u2028'], ['a\\u202eb\\u2066\\u2028']],
    ['an unfinished escape at the end', ['a\x1b[3'], ['a\\x1b[3']],
  ])('shows %s', (_what, chunks, want) => {
    expect(rowsAfter(...chunks)).toEqual(want);
  });

  it('keeps colours per segment and per stream', () => {
    const terminal = new Terminal();
    terminal.write('stdout', 'a\x1b[31mb');
    terminal.write('stderr', 'c\n');
    terminal.write('stdout', 'd\x1b[0me\n');
    const [first, second, third] = terminal.rows;
    expect(first?.segments.map((segment) => segment.style.foreground)).toEqual([null, 1]);
    expect(second?.segments.map((segment) => segment.style.foreground)).toEqual([null]);
    expect(third?.segments.map((segment) => segment.style.foreground)).toEqual([1, null]);
  });

  it('begins a row when the stream changes in the middle of a line', () => {
    const terminal = new Terminal();
    terminal.write('stdout', 'a');
    terminal.write('stderr', 'b\n');
    expect(terminal.rows.map((row) => [row.kind, textOf(row)])).toEqual([
      ['stdout', 'a'],
      ['stderr', 'b'],
    ]);
  });

  it('does not let one stream finish the escape sequence of the other', () => {
    const terminal = new Terminal();
    terminal.write('stdout', 'a\x1b[');
    terminal.write('stderr', '31m');
    expect(terminal.rows.map(textOf)).toEqual(['a', '31m']);
  });

  it('continues a huge line on further rows and loses nothing', () => {
    const rows = rowsAfter('x'.repeat(10_000));
    expect(rows.length).toBeGreaterThan(1);
    expect(rows.join('')).toBe('x'.repeat(10_000));
  });

  it('shows an escape sequence that never ends instead of swallowing the output', () => {
    expect(rowsAfter('\x1b]' + 'x'.repeat(9_000)).join('')).toContain('x'.repeat(9_000));
  });

  it('keeps the newest rows and their numbers', () => {
    const terminal = new Terminal();
    for (let i = 0; i < 50_000; i += 1) terminal.write('stdout', `${i}\n`);
    expect(terminal.rows.length).toBeGreaterThanOrEqual(maxRows);
    expect(terminal.rows.length).toBeLessThan(maxRows * 1.3);
    expect(terminal.nextIndex).toBe(50_000);
    const [first] = terminal.rows;
    expect(first && textOf(first)).toBe(String(terminal.firstIndex));
  });

  it('bounds coloured output by the nodes it would need', () => {
    const terminal = new Terminal();
    for (let i = 0; i < 600; i += 1)
      terminal.write('stdout', '\x1b[31mx\x1b[32my'.repeat(200) + '\n');
    const segments = terminal.rows.reduce((sum, row) => sum + row.segments.length, 0);
    expect(segments).toBeLessThan(60_000);
  });
});
