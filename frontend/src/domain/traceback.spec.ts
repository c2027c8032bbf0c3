import { expect, it } from 'vitest';
import { findSourceReferences, isException } from './traceback';

it('finds the line of the program in a traceback row', () => {
  const text = '  File "/run/main.py", line 12, in <module>';
  const [reference] = findSourceReferences(text);
  expect(reference?.line).toBe(12);
  expect(text.slice(reference?.start, reference?.end)).toBe('line 12');
});

it.each([
  '  File "/usr/lib/python3/dist-packages/pkg/main.py", line 3, in f',
  '  File "notmain.py", line 3',
  '  File "/usr/lib/python3.11/json/decoder.py", line 3, in f',
  'main.py line 3',
])('leaves %s alone', (text) => {
  expect(findSourceReferences(text)).toEqual([]);
});

it.each<[string, boolean]>([
  ['ZeroDivisionError: division by zero', true],
  ['KeyboardInterrupt', true],
  ['json.decoder.JSONDecodeError: Expecting value', true],
  ['pandas.errors.UndefinedVariableError: x', true],
  ['  raise ValueError("x")', false],
  ['Traceback (most recent call last):', false],
  ['Errors were found', false],
])('knows whether %j says what happened', (line, expected) => {
  expect(isException(line)).toBe(expected);
});
