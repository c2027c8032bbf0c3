// The beginning of a table as a program shows it: how its cells are written, sorted and saved.

export type Cell = string | number | boolean | null;

export interface Table {
  /** Of the whole table, without its index. */
  readonly rows: number;
  readonly columns: number;
  /** How many columns at the beginning are the index. */
  readonly index_columns: number;
  readonly head: readonly { readonly name: string; readonly dtype: string }[];
  /** Each row is as long as the head; null is a missing value. */
  readonly cells: readonly (readonly Cell[])[];
}

export const shownColumns = (table: Table): number =>
  Math.max(0, table.head.length - table.index_columns);

export const isWhole = (table: Table): boolean =>
  table.cells.length >= table.rows && shownColumns(table) >= table.columns;

const numeric = /^(?:u?int|float|complex|decimal)/i;

export const isNumeric = (dtype: string): boolean => numeric.test(dtype);

/** What pandas prints for a missing value of this type. */
export function missingText(dtype: string): string {
  if (/^(?:datetime|timedelta|period)/.test(dtype)) return 'NaT';
  if (dtype === 'object') return 'None';
  return /^[A-Z]|^string|^boolean/.test(dtype) ? '<NA>' : 'NaN';
}

/** As pandas, which prints six. */
const mostDecimals = 6;
/** Outside of these a number is written with an exponent. */
const largestPlain = 1e15;
const smallestPlain = 1e-5;

/** How each column's cells are written: numbers of one column have as many decimals as the longest needs. */
export function cellWriters(table: Table): readonly ((cell: Cell) => string)[] {
  return table.head.map(({ dtype }, column) => {
    const isFloat = dtype.toLowerCase().startsWith('float');
    const numbers = table.cells
      .map((row) => row[column] ?? null)
      .filter((cell) => typeof cell === 'number');
    const decimals = isFloat ? Math.max(1, ...numbers.map(decimalsOf)) : 0;
    return (cell) => {
      if (cell === null) return missingText(dtype);
      if (typeof cell === 'boolean') return cell ? 'True' : 'False';
      if (typeof cell === 'string') return cell;
      return isFloat && isPlain(cell) ? cell.toFixed(decimals) : writeNumber(cell);
    };
  });
}

const isPlain = (value: number): boolean =>
  value === 0 || (Math.abs(value) < largestPlain && Math.abs(value) >= smallestPlain);

const writeNumber = (value: number): string =>
  Number.isInteger(value) ? String(value) : value.toExponential(mostDecimals);

function decimalsOf(value: number): number {
  if (!isPlain(value)) return 0;
  const [, fraction = ''] = value.toFixed(mostDecimals).split('.');
  return fraction.replace(/0+$/, '').length;
}

export interface Sorting {
  readonly column: number;
  readonly isDescending: boolean;
}

/** Row numbers in their order. Missing values are last, whichever way it goes, as in pandas. */
export function sortedRows(table: Table, sorting: Sorting | null): readonly number[] {
  const order = table.cells.map((_, index) => index);
  if (!sorting) return order;
  const { column, isDescending } = sorting;
  const asNumbers = isNumeric(table.head[column]?.dtype ?? '');
  const value = (row: number) => table.cells[row]?.[column] ?? null;
  return order.sort((left, right) => {
    const [a, b] = [value(left), value(right)];
    if (a === null || b === null) return Number(a === null) - Number(b === null) || left - right;
    const difference = compare(a, b, asNumbers);
    return (isDescending ? -difference : difference) || left - right;
  });
}

/** Large whole numbers and infinities come as text. */
function compare(a: Cell, b: Cell, asNumbers: boolean): number {
  if (asNumbers || typeof a !== 'string' || typeof b !== 'string') {
    const [x, y] = [numberOf(a), numberOf(b)];
    if (!Number.isNaN(x) && !Number.isNaN(y)) return x < y ? -1 : x > y ? 1 : 0;
  }
  const [x, y] = [String(a), String(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

const numberOf = (cell: Cell): number =>
  cell === 'inf' ? Infinity : cell === '-inf' ? -Infinity : Number(cell);

/** RFC 4180. Missing values are empty, as `DataFrame.to_csv` writes them. */
export function toCsv(table: Table, order: readonly number[]): string {
  const lines = [table.head.map(({ name }) => name), ...order.map((row) => table.cells[row] ?? [])];
  return lines.map((line) => `${line.map(csvField).join(',')}\r\n`).join('');
}

function csvField(cell: Cell): string {
  if (cell === null) return '';
  const text = typeof cell === 'boolean' ? (cell ? 'True' : 'False') : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
