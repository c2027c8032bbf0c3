import { expect, it } from 'vitest';
import { nameOf, tellablePath } from './output-file';

it('names a file by the last name of its path', () => {
  expect(nameOf('plots/deep/1.png')).toBe('1.png');
  expect(nameOf('a.csv')).toBe('a.csv');
});

it('shows the characters that turn the direction of text', () => {
  expect(tellablePath('photo\u202egnp.exe')).toBe('photo\\u202egnp.exe');
  expect(tellablePath('ä/שלום <b>.csv')).toBe('ä/שלום <b>.csv');
});
