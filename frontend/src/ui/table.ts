// A table in the output: sorted by its columns, copied and saved as CSV. It is built of text nodes from JSON;
// nothing that a program writes becomes markup.
import type { Display } from '../domain/run';
import {
  cellWriters,
  isNumeric,
  isWhole,
  shownColumns,
  sortedRows,
  toCsv,
  type Cell,
  type Sorting,
  type Table,
} from '../domain/table';
import { words } from '../words';
import { copyButton, el, loadFailure, saveFile } from './dom';
import './table.css';

/** Null when it cannot be had now. */
export type LoadTable = (url: string) => Promise<Table | null>;

export function mountTable(root: HTMLElement, display: Display, load: LoadTable): void {
  const show = async () => {
    root.replaceChildren(el('p', { class: 'table-loading' }, words.display.loading));
    const table = await load(display.url);
    root.replaceChildren(table ? drawTable(table, display) : loadFailure(() => void show()));
  };
  void show();
}

function drawTable(table: Table, display: Display): HTMLElement {
  let sorting: Sorting | null = null;
  const body = el('tbody');
  const writers = cellWriters(table);
  const heads: HTMLTableCellElement[] = [];
  const order = () => sortedRows(table, sorting);
  const drawBody = () => {
    body.replaceChildren(...order().map((row) => drawRow(table, table.cells[row] ?? [], writers)));
    heads.forEach((head, column) => {
      head.ariaSort =
        sorting?.column === column ? (sorting.isDescending ? 'descending' : 'ascending') : 'none';
    });
  };
  table.head.forEach(({ name, dtype }, column) => {
    const unnamed = column < table.index_columns ? words.display.index : '';
    const sort = el(
      'button',
      { type: 'button', class: 'table-sort', title: words.display.sort },
      name
        ? el('span', { class: 'table-name' }, name)
        : el('span', { class: 'table-name' }, el('span', { class: 'visually-hidden' }, unnamed)),
      ' ',
      el('span', { class: 'table-dtype' }, dtype),
    );
    sort.addEventListener('click', () => {
      sorting = nextSorting(sorting, column);
      drawBody();
    });
    heads.push(el('th', { scope: 'col', class: classOf(table, column) }, sort));
  });
  drawBody();

  const caption = [words.display.shape(table.rows, table.columns)];
  if (!isWhole(table)) {
    caption.push(words.display.shownPart(table.cells.length, shownColumns(table)));
  }
  const csv = () => toCsv(table, order());
  const save = el('button', { type: 'button', class: 'tool' }, words.display.saveCsv);
  save.addEventListener('click', () => {
    saveFile(`table-${display.number + 1}.csv`, csv(), 'text/csv');
  });
  return el(
    'div',
    { class: 'table' },
    el(
      'div',
      { class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': display.alt },
      el('table', {}, el('thead', {}, el('tr', {}, ...heads)), body),
    ),
    el(
      'p',
      { class: 'tools' },
      el('span', { class: 'table-shape' }, caption.join('; ')),
      copyButton(words.display.copyCsv, () => navigator.clipboard.writeText(csv())),
      save,
    ),
  );
}

/** Up, down, and back to the order in which it came. */
function nextSorting(sorting: Sorting | null, column: number): Sorting | null {
  if (sorting?.column !== column) return { column, isDescending: false };
  return sorting.isDescending ? null : { column, isDescending: true };
}

function drawRow(
  table: Table,
  cells: readonly Cell[],
  writers: readonly ((cell: Cell) => string)[],
): HTMLTableRowElement {
  const parts = cells.map((cell, column) => {
    const text = writers[column]?.(cell) ?? '';
    const classes = cell === null ? `${classOf(table, column)} missing` : classOf(table, column);
    const title = cell === null ? words.display.missing : null;
    return column < table.index_columns
      ? el('th', { scope: 'row', class: classes, title }, text)
      : el('td', { class: classes, title }, text);
  });
  return el('tr', {}, ...parts);
}

const classOf = (table: Table, column: number): string =>
  [
    isNumeric(table.head[column]?.dtype ?? '') ? 'number' : 'text',
    ...(column < table.index_columns ? ['index'] : []),
    // Of several index columns the first one stays in sight.
    ...(column === 0 && table.index_columns > 0 ? ['first'] : []),
  ].join(' ');
