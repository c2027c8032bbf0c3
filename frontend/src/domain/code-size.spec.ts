import { describe, expect, it } from 'vitest';
import { codeSizes, nextCodeSize, parseCodeSize, usualCodeSize } from './code-size';

describe('nextCodeSize', () => {
  it('goes up and down and ends somewhere', () => {
    expect(nextCodeSize(1, 1)).toBe(1.125);
    expect(nextCodeSize(1, -1)).toBe(0.875);
    expect(nextCodeSize(0.75, -1)).toBeNull();
    expect(nextCodeSize(2.5, 1)).toBeNull();
  });
});

it.each([
  ['1.25', 1.25],
  ['1.3', null],
  ['large', null],
  ['', null],
])('reads %j as %j', (text, want) => {
  expect(parseCodeSize(text)).toBe(want);
});

it('has the usual size among the others', () => {
  expect(codeSizes).toContain(usualCodeSize);
});
