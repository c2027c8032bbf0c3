// @vitest-environment jsdom
import { beforeEach, expect, it } from 'vitest';
import { createStore, type Store } from '../state/store';
import { aRun } from '../testing/builders';
import type { OutputFile, Run } from '../domain/run';
import { words } from '../words';
import { mountOutputFiles } from './output-files';

let root: HTMLElement;
let store: Store;

const aFile = (number: number, path: string): OutputFile => ({
  number,
  path,
  bytes: 2048,
  url: `/api/v1/runs/01j/output-files/${number}`,
});
const end = (changes: Partial<Run>) => {
  const run = aRun({ status: 'succeeded', ...changes });
  store.dispatch({ type: 'run_accepted', run, at: 0 });
  store.dispatch({ type: 'run_ended', run });
};
const section = () => root.querySelector('section');
const rows = () => [...root.querySelectorAll('li')].map(({ textContent }) => textContent);

beforeEach(() => {
  root = document.createElement('div');
  store = createStore();
  mountOutputFiles(root, store);
});

it('lists what has come back, to be saved', () => {
  expect(section()?.hidden).toBe(true);
  end({ output_files: [aFile(0, 'plots/a.csv'), aFile(1, 'b')] });
  expect(section()?.hidden).toBe(false);
  expect(rows()).toEqual(['plots/a.csv 2 KiBSave', 'b 2 KiBSave']);
  const link = root.querySelector('a');
  expect(link?.getAttribute('href')).toBe('/api/v1/runs/01j/output-files/0');
  expect(link?.download).toBe('a.csv');
  expect(link?.getAttribute('aria-label')).toBe('Save plots/a.csv');
  end({});
  expect(section()?.hidden).toBe(true);
});

it('shows names as text, whatever they are', () => {
  end({ output_files: [aFile(0, '<img src=x onerror=alert(1)>'), aFile(1, 'a\u202evsc.exe')] });
  expect(root.querySelector('img')).toBeNull();
  expect(rows()[0]).toContain('<img src=x onerror=alert(1)>');
  expect(rows()[1]).toContain('a\\u202evsc.exe');
});

it('tells how many were left out', () => {
  end({ dropped_output_files: 3 });
  expect(section()?.textContent).toContain(words.outputFiles.dropped(3));
});
