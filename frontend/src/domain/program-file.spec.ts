import { expect, it } from 'vitest';
import { decodeProgram, isProgramName, mostProgramBytes } from './program-file';

const utf8 = (text: string) => new TextEncoder().encode(text);

it('reads UTF-8, without its byte order mark and with the line ends of this page', () => {
  const bytes = utf8('\ufeffprint("ä")\r\nx = 1\ry = 2\n');
  expect(decodeProgram(bytes)).toEqual({ kind: 'text', text: 'print("ä")\nx = 1\ny = 2\n' });
  expect(decodeProgram(utf8(''))).toEqual({ kind: 'text', text: '' });
});

it.each<[string, Uint8Array<ArrayBuffer>]>([
  ['too_large', new Uint8Array(mostProgramBytes + 1).fill(32)],
  ['binary', new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1])],
  ['not_utf8', new Uint8Array([0x70, 0xe4, 0x70])],
  ['not_utf8', new Uint8Array([0xff, 0xfe, 0x70, 0])],
  ['not_utf8', new Uint8Array([0xfe, 0xff, 0, 0x70])],
])('refuses what is %s', (kind, bytes) => {
  expect(decodeProgram(bytes)).toEqual({ kind });
});

it('takes as much as a program may have', () => {
  expect(decodeProgram(new Uint8Array(mostProgramBytes).fill(32)).kind).toBe('text');
});

it.each([
  ['a.py', true],
  ['A.PY', true],
  ['a.pyw', true],
  ['a.csv', false],
  ['py', false],
])('says whether %s is the name of a program', (name, want) => {
  expect(isProgramName(name)).toBe(want);
});
