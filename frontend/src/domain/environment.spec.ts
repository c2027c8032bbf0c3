import { expect, it } from 'vitest';
import { findPackages } from './environment';

const packages = ['scipy', 'python-dateutil', 'Pillow'].map((name) => ({ name, version: '1' }));
const found = (text: string) => findPackages({ packages }, text).map(({ name }) => name);

it('finds packages by a part of their name, however it is written', () => {
  expect(found('')).toEqual(['Pillow', 'python-dateutil', 'scipy']);
  expect(found(' PIL ')).toEqual(['Pillow']);
  expect(found('python_date')).toEqual(['python-dateutil']);
  expect(found('torch')).toEqual([]);
});
