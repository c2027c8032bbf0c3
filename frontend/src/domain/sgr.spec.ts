import { describe, expect, it } from 'vitest';
import { applySgr, plain } from './sgr';

describe('applySgr', () => {
  it.each([
    ['31', { foreground: 1 }],
    ['97', { foreground: 15 }],
    ['41', { background: 1 }],
    ['100', { background: 8 }],
    ['1;4;31', { bold: true, underline: true, foreground: 1 }],
    ['4:0', { underline: false }],
    ['38;5;9', { foreground: 9 }],
    ['38;5;196', { foreground: 'rgb(255, 0, 0)' }],
    ['48;5;232', { background: 'rgb(8, 8, 8)' }],
    ['38;2;1;2;3;1', { foreground: 'rgb(1, 2, 3)', bold: true }],
    ['38:2::1:2:3', { foreground: 'rgb(1, 2, 3)' }],
    ['58;5;1;3', { italic: true }],
  ])('reads %s', (parameters, want) => {
    expect(applySgr(plain, parameters)).toEqual({ ...plain, ...want });
  });

  it.each(['', '0', '1;0'])('resets at "%s"', (parameters) => {
    expect(applySgr({ ...plain, bold: true, foreground: 2 }, parameters)).toBe(plain);
  });

  it.each(['38;5;999', '38;2;1', '38', 'x', '77', '38;2;-1;0;0', '38;2;red;0;0'])(
    'ignores the nonsense %s',
    (parameters) => {
      expect(applySgr(plain, parameters).foreground).toBeNull();
    },
  );
});
