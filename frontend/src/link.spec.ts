// @vitest-environment jsdom
import { beforeEach, expect, it } from 'vitest';
import { createRunMemory, runIn } from './link';
import { createShelf } from './storage';

beforeEach(() => {
  history.replaceState(null, '', '/');
});

it.each([
  ['#run=01m8pyvg7nyv04tx5pya0hqfjj', '01m8pyvg7nyv04tx5pya0hqfjj'],
  ['#run=01M8PYVG7NYV04TX5PYA0HQFJJ', '01m8pyvg7nyv04tx5pya0hqfjj'],
  ['', null],
  ['#other=1', null],
  ['#run=', null],
  ['#run=../../x', null],
  [`#run=${'0'.repeat(41)}`, null],
])('reads the run in %s', (hash, want) => {
  expect(runIn(hash)).toBe(want);
});

it('puts the run into the address and into the memory of the tab', () => {
  const tab = createShelf(null);
  const memory = createRunMemory(tab);
  memory.remember('01a');
  expect(location.hash).toBe('#run=01a');
  expect(createRunMemory(tab).last()).toBe('01a');
  memory.remember(null);
  expect(location.href).toBe('http://localhost:3000/');
  expect(memory.last()).toBeNull();
});

it('leaves a link to something else alone', () => {
  history.replaceState(null, '', '/#other=1');
  createRunMemory(createShelf(null)).remember(null);
  expect(location.hash).toBe('#other=1');
});
