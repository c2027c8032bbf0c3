import { expect, it } from 'vitest';
import operations from '../../docs/operations.md?raw';
import { words } from './words';

it('counts in the singular and the plural', () => {
  expect(words.status.linesInAll(0)).toBe('No output.');
  expect(words.status.linesInAll(1)).toBe('1 line of output.');
  expect(words.status.linesInAll(12_345)).toBe('12,345 lines of output.');
});

it('makes a sentence of what the server says about a field', () => {
  expect(words.problem.ofInput('has 9 bytes; the limit is 8')).toBe(
    'The standard input has 9 bytes; the limit is 8.',
  );
  expect(words.problem.ofProgram('It is empty.')).toBe('It is empty.');
});

it('tells both numbers of truncated output', () => {
  expect(words.output.truncated(4 * 2 ** 20, 3 * 2 ** 20)).toBe(
    'Too much output: 3 MiB of 4 MiB were left out in the middle.',
  );
});

it('numbers the starts of a program', () => {
  const start = (count: number) => words.interruptions.interrupted(count, 'x', null).split(' ')[1];
  expect([1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111].map(start)).toEqual(
    '1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 101st 111th'.split(' '),
  );
});

const reasons = Array.from(operations.matchAll(/^### (`.*)$/gm), ([, heading]) => heading ?? '')
  .flatMap((heading) => heading.split(', '))
  .map((word) => word.replaceAll('`', ''));

it('finds the reasons in the runbook', () => {
  expect(reasons).toEqual(expect.arrayContaining(['exited', 'runner_silent']));
});

it.each(reasons)('has words for the reason %s', (reason) => {
  expect({ ...words.outcome, ...words.infrastructure }).toHaveProperty(reason);
});
