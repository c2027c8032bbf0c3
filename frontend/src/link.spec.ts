// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';
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

describe('the memory of a tab', () => {
  const createTab = () => {
    const tab = createShelf(null);
    const delayed: (() => void)[] = [];
    const memory = createRunMemory(tab, (action) => delayed.push(action));
    const wait = () => {
      for (const action of delayed.splice(0)) action();
    };
    return { memory, wait, reload: () => createRunMemory(tab, () => undefined) };
  };

  it('holds the run at once and puts it into the address a little later', () => {
    const { memory, wait, reload } = createTab();
    memory.remember('01a');
    expect(reload().last()).toBe('01a');
    expect(location.hash).toBe('');
    wait();
    expect(location.hash).toBe('#run=01a');
    memory.remember(null);
    expect(reload().last()).toBeNull();
    wait();
    expect(location.href).toBe('http://localhost:3000/');
  });

  it('puts only the last of several runs into the address', () => {
    const { memory, wait } = createTab();
    const replaced = vi.spyOn(history, 'replaceState');
    memory.remember(null);
    memory.remember('01a');
    memory.remember(null);
    memory.remember('01b');
    wait();
    expect(location.hash).toBe('#run=01b');
    expect(replaced).toHaveBeenCalledTimes(1);
    replaced.mockRestore();
  });

  it('knows that the address names a run which it has left', () => {
    const { memory, wait, reload } = createTab();
    history.replaceState(null, '', '/#run=01a');
    expect(memory.linked()).toBe('01a');
    memory.remember('01b');
    expect(memory.linked()).toBeNull();
    expect(reload().linked()).toBeNull();
    wait();
    expect(memory.linked()).toBe('01b');
  });

  it('follows a link back to a run that it left long ago', () => {
    const { memory, wait } = createTab();
    history.replaceState(null, '', '/#run=01a');
    memory.remember('01b');
    wait();
    history.replaceState(null, '', '/#run=01a');
    expect(memory.linked()).toBe('01a');
  });

  it('leaves the address that names the run already', () => {
    const { memory, wait } = createTab();
    history.replaceState(null, '', '/#run=01a');
    memory.remember(null);
    memory.remember('01a');
    wait();
    expect(location.hash).toBe('#run=01a');
    expect(memory.linked()).toBe('01a');
  });

  it('leaves a link to something else alone', () => {
    const { memory, wait } = createTab();
    history.replaceState(null, '', '/#other=1');
    memory.remember(null);
    wait();
    expect(location.hash).toBe('#other=1');
  });
});
