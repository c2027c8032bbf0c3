// @vitest-environment jsdom
import { beforeEach, expect, it, vi } from 'vitest';
import type { Table } from '../domain/table';
import { aDisplay } from '../testing/builders';
import { mountTable, type LoadTable } from './table';

const table: Table = {
  rows: 2,
  columns: 2,
  index_columns: 1,
  head: [
    { name: '', dtype: 'int64' },
    { name: '<b>', dtype: 'object' },
    { name: 'height', dtype: 'float64' },
  ],
  cells: [
    [0, '<img src=x onerror=alert(1)>', 21.5],
    [1, 'pine', null],
  ],
};

let root: HTMLElement;
const load = vi.fn<LoadTable>();

const mount = async () => {
  mountTable(root, aDisplay({ alt: 'DataFrame' }), load);
  await Promise.resolve();
  await Promise.resolve();
};
const texts = (selector: string) =>
  Array.from(root.querySelectorAll(selector), (each) => each.textContent);
const sortBy = (name: string) => {
  const buttons = Array.from(root.querySelectorAll<HTMLElement>('.table-sort'));
  buttons.find(({ textContent }) => textContent.startsWith(name))?.click();
};

beforeEach(() => {
  root = document.createElement('div');
  load.mockReset().mockResolvedValue(table);
});

it('shows names, types and cells as text', async () => {
  await mount();
  expect(load).toHaveBeenCalledWith('/api/v1/runs/01j/displays/0');
  expect(texts('.table-name')).toEqual(['index', '<b>', 'height']);
  expect(texts('.table-dtype')).toEqual(['int64', 'object', 'float64']);
  expect(texts('tbody th')).toEqual(['0', '1']);
  expect(texts('td')).toEqual(['<img src=x onerror=alert(1)>', '21.5', 'pine', 'NaN']);
  expect(root.querySelector('img, b')).toBeNull();
});

it('tells missing values apart and aligns numbers', async () => {
  await mount();
  const last = root.querySelector('tr:last-child td:last-child');
  expect(last?.className).toBe('number missing');
  expect(last?.getAttribute('title')).toBe('missing value');
});

it('sorts up, down and back', async () => {
  await mount();
  const heads = () =>
    Array.from(root.querySelectorAll('thead th'), (head) => head.getAttribute('aria-sort'));
  sortBy('<b>');
  expect(texts('tbody th')).toEqual(['0', '1']);
  expect(heads()).toEqual(['none', 'ascending', 'none']);
  sortBy('<b>');
  expect(texts('tbody th')).toEqual(['1', '0']);
  expect(heads()).toEqual(['none', 'descending', 'none']);
  sortBy('<b>');
  expect(heads()).toEqual(['none', 'none', 'none']);
  sortBy('index');
  expect(heads()).toEqual(['ascending', 'none', 'none']);
});

it('tells the size, and what of it is shown', async () => {
  await mount();
  expect(texts('.table-shape')).toEqual(['2 rows × 2 columns']);
  load.mockResolvedValue({ ...table, rows: 1000 });
  await mount();
  expect(texts('.table-shape')).toEqual([
    '1,000 rows × 2 columns; the first 2 rows and 2 columns are shown',
  ]);
});

it('offers to try again when it could not be loaded', async () => {
  load.mockResolvedValueOnce(null);
  await mount();
  expect(root.textContent).toContain('could not be loaded');
  root.querySelector('button')?.click();
  await Promise.resolve();
  await Promise.resolve();
  expect(texts('td')).toHaveLength(4);
});
