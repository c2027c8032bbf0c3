import { describe, expect, it } from 'vitest';
import { someBounds } from '../testing/builders';
import {
  hasOptions,
  lacksScratch,
  outputsOf,
  outputsText,
  someScratch,
  splitArguments,
} from './options';

describe('splitArguments', () => {
  it.each<[string, string[]]>([
    ['', []],
    ['  ', []],
    ['a b', ['a', 'b']],
    ['  --name  "Ada Lovelace" ', ['--name', 'Ada Lovelace']],
    [`'it''s' "" x"y z"'w'`, ['its', '', 'xy zw']],
    ['a\\ b "c\\"d" "e\\n" \'f\\\'', ['a b', 'c"d', 'e\\n', 'f\\']],
    ['"open end', ['open end']],
    ['$HOME *', ['$HOME', '*']],
    ['a\\', ['a']],
    ['ä\u00a0→', ['ä', '→']],
  ])('splits %j', (text, words) => {
    expect(splitArguments(text)).toEqual(words);
  });
});

describe('the patterns of files that come back', () => {
  const patterns = (outputs: string) => outputsOf({ args: '', outputs, limits: {} });

  it.each<[string, string[]]>([
    ['*.csv, *.png', ['*.csv', '*.png']],
    ['*.csv,plots/**\n,model?.pkl,', ['*.csv', 'plots/**', 'model?.pkl']],
    [`'a, b.csv' c\\,d "e,f"`, ['a, b.csv', 'c,d', 'e,f']],
    [' , ', []],
  ])('are separated by spaces and commas: %j', (text, wanted) => {
    expect(patterns(text)).toEqual(wanted);
  });

  it('are written with quotes only where they need them', () => {
    expect(outputsText(['*.csv', 'plots/**'])).toBe('*.csv plots/**');
    const odd = ['a b', 'c,d', "it's", 'back\\slash', '', '*'];
    expect(patterns(outputsText(odd))).toEqual(odd);
  });
});

it('gives some scratch space, as far as the installation allows it', () => {
  const allowing = (scratch_mib: number) => ({
    ...someBounds,
    maxima: { ...someBounds.maxima, scratch_mib },
  });
  expect([null, allowing(64), allowing(4), allowing(0)].map(someScratch)).toEqual([16, 16, 4, 0]);
});

it('knows whether anything was asked for', () => {
  expect(hasOptions({ args: ' ', outputs: '', limits: {} })).toBe(false);
  expect(hasOptions({ args: 'x', outputs: '', limits: {} })).toBe(true);
  expect(hasOptions({ args: '', outputs: '', limits: { memory_mib: 512 } })).toBe(true);
});

it.each<[string, boolean]>([
  ["PermissionError: [Errno 13] Permission denied: 'out.csv'", true],
  ['PermissionError: [Errno 13] Permission denied', true],
  ["FileNotFoundError: [Errno 2] No usable temporary directory found in ['/tmp']", true],
  ['OSError: [Errno 30] Read-only file system', true],
  ["FileNotFoundError: [Errno 2] No such file or directory: 'data.csv'", false],
  ['  PermissionError: [Errno 13] printed by the program', false],
  ['ValueError: x', false],
])('sees that %s', (line, expected) => {
  expect(lacksScratch(`Traceback\n${line}\n`)).toBe(expected);
});
