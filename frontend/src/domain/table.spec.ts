import { describe, expect, it } from 'vitest';
import { cellWriters, isWhole, sortedRows, toCsv, type Cell, type Table } from './table';

const aTable = (dtype: string, values: readonly Cell[]): Table => ({
  rows: values.length,
  columns: 1,
  index_columns: 1,
  head: [
    { name: '', dtype: 'int64' },
    { name: 'a', dtype },
  ],
  cells: values.map((value, row) => [row, value]),
});
const written = (dtype: string, values: readonly Cell[]) => {
  const table = aTable(dtype, values);
  const write = cellWriters(table)[1];
  return table.cells.map((row) => write?.(row[1] ?? null));
};
const sorted = (dtype: string, values: readonly Cell[], isDescending = false) =>
  sortedRows(aTable(dtype, values), { column: 1, isDescending }).map((row) => values[row]);

describe('cellWriters', () => {
  it('gives all numbers of a column as many decimals as the longest needs, but six at most', () => {
    expect(written('float64', [1.5, 2, 0.125])).toEqual(['1.500', '2.000', '0.125']);
    expect(written('float64', [1, 2])).toEqual(['1.0', '2.0']);
    expect(written('float64', [1 / 3])).toEqual(['0.333333']);
  });

  it('writes what is very large or small with an exponent', () => {
    expect(written('float64', [1e300, 1e-9, 0])).toEqual(['1e+300', '1.000000e-9', '0.0']);
  });

  it('writes whole numbers, texts and truth values as they are', () => {
    expect(written('int64', [1, -2, '1152921504606846976'])).toEqual([
      '1',
      '-2',
      '1152921504606846976',
    ]);
    expect(written('bool', [true, false])).toEqual(['True', 'False']);
    expect(written('object', ['<b>', ''])).toEqual(['<b>', '']);
  });

  it.each([
    ['float64', 'NaN'],
    ['datetime64[ns]', 'NaT'],
    ['datetime64[ns, UTC]', 'NaT'],
    ['object', 'None'],
    ['Int64', '<NA>'],
    ['string[python]', '<NA>'],
    ['category', 'NaN'],
  ])('writes a missing value of %s as pandas does', (dtype, text) => {
    expect(written(dtype, [null])).toEqual([text]);
  });
});

describe('sortedRows', () => {
  it('keeps the order as long as nobody asks for another', () => {
    expect(sortedRows(aTable('int64', [3, 1, 2]), null)).toEqual([0, 1, 2]);
  });

  it('sorts numbers as numbers, also those that came as text', () => {
    expect(sorted('float64', [10, 9, '-inf', 'inf'])).toEqual(['-inf', 9, 10, 'inf']);
    expect(sorted('int64', [3, '1152921504606846976', 1])).toEqual([1, 3, '1152921504606846976']);
  });

  it('sorts texts as texts', () => {
    expect(sorted('object', ['b', '10', 'a', '9'])).toEqual(['10', '9', 'a', 'b']);
  });

  it('puts missing values last, whichever way it goes', () => {
    expect(sorted('float64', [null, 2, 1])).toEqual([1, 2, null]);
    expect(sorted('float64', [null, 2, 1], true)).toEqual([2, 1, null]);
  });

  it('keeps the order of what is equal', () => {
    const table = aTable('int64', [1, 0, 1, 0]);
    expect(sortedRows(table, { column: 1, isDescending: true })).toEqual([0, 2, 1, 3]);
  });
});

it('tells the beginning of a table from the whole', () => {
  const table = aTable('int64', [1, 2]);
  expect(isWhole(table)).toBe(true);
  expect(isWhole({ ...table, rows: 3 })).toBe(false);
  expect(isWhole({ ...table, columns: 2 })).toBe(false);
});

it('writes CSV with quotes where they are needed', () => {
  const table = aTable('object', ['a "b", c', null, 'two\nlines', true]);
  expect(toCsv(table, [3, 0, 1, 2])).toBe(
    ',a\r\n3,True\r\n0,"a ""b"", c"\r\n1,\r\n2,"two\nlines"\r\n',
  );
});
