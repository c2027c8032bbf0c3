import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatClock,
  formatCount,
  formatDuration,
  formatRoughly,
  formatSeconds,
} from './format';

it.each([
  [0, '0'],
  [999, '999'],
  [1_000, '1,000'],
  [12_345_678, '12,345,678'],
  [1_234.5678, '1,234.568'],
])('writes the count %d as %s', (count, want) => {
  expect(formatCount(count)).toBe(want);
});

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [12.4, '12 ms'],
    [999.6, '1.00 s'],
    [1234, '1.23 s'],
    [12_340, '12.3 s'],
    [59_990, '1 min 0 s'],
    [125_000, '2 min 5 s'],
    [-5, '0 ms'],
  ])('writes %d ms as %s', (milliseconds, want) => {
    expect(formatDuration(milliseconds)).toBe(want);
  });
});

describe('formatRoughly', () => {
  it.each([
    [0, '10 s'],
    [10_001, '20 s'],
    [95_000, '2 min'],
    [1_000_000, '17 min'],
    [7_300_000, '3 h'],
  ])('%d ms is %s', (milliseconds, want) => {
    expect(formatRoughly(milliseconds)).toBe(want);
  });
});

describe('formatClock', () => {
  it.each([
    [0, '0.0 s'],
    [999, '0.9 s'],
    [61_900, '1 min 1 s'],
  ])('writes %d ms as %s', (milliseconds, want) => {
    expect(formatClock(milliseconds)).toBe(want);
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [1_048_575, '1 MiB'],
    [268_435_456, '256 MiB'],
    [5 * 2 ** 40, '5 TiB'],
  ])('writes %d as %s', (bytes, want) => {
    expect(formatBytes(bytes).replace('.0', '')).toBe(want);
  });
});

it('writes limits without needless digits', () => {
  expect([formatSeconds(10), formatSeconds(0.5)]).toEqual(['10 s', '0.5 s']);
});
