// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { OutputLog } from '../domain/output-log';
import { createStore } from '../state/store';
import { aSetting } from '../testing/builders';
import { mountOutput } from './output';

let root: HTMLElement;
let output: OutputLog;
let frames: FrameRequestCallback[];

const find = (selector: string): HTMLElement => {
  const found = root.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
};
const draw = () => {
  while (frames.length > 0) for (const frame of frames.splice(0)) frame(0);
};
const print = (text: string) => {
  output.append({ stream: 'stdout', text, notice: null });
  draw();
};
const press = (element: HTMLElement, key: string, more: KeyboardEventInit = {}) => {
  element.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }),
  );
  draw();
};
const look = (text: string) => {
  const field = find('.field') as HTMLInputElement;
  field.value = text;
  field.dispatchEvent(new Event('input'));
  draw();
};
const submit = () => {
  find('form').dispatchEvent(new Event('submit', { cancelable: true }));
  draw();
};
const count = () => find('.find-count').textContent;
const current = () => root.querySelector('.found-now')?.textContent;

beforeEach(() => {
  frames = [];
  vi.stubGlobal('requestAnimationFrame', (frame: FrameRequestCallback) => frames.push(frame));
  vi.stubGlobal('cancelAnimationFrame', vi.fn());
  // jsdom lays nothing out.
  Element.prototype.scrollIntoView = vi.fn();
  Range.prototype.getBoundingClientRect = () => new DOMRect();
  root = document.createElement('div');
  document.body.replaceChildren(root);
  output = new OutputLog();
  mountOutput(root, createStore(), output, {
    onGoToLine: vi.fn(),
    onRunWithScratch: vi.fn(),
    loadTable: () => Promise.resolve(null),
    wraps: aSetting(true),
  });
  draw();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

it('opens with the key of the browser where the focus is in the output', () => {
  press(find('.rows'), 'f', { ctrlKey: true });
  expect(find('form').hidden).toBe(false);
  expect(document.activeElement).toBe(find('.field'));
});

it('counts, steps in both directions and goes round', () => {
  print('an oak\na birch\nan OAK\n');
  press(find('.rows'), 'f', { metaKey: true });
  look('oak');
  expect(count()).toBe('1 of 2');
  expect(root.querySelectorAll('.found')).toHaveLength(2);
  submit();
  expect([count(), current()]).toEqual(['2 of 2', 'an OAK']);
  submit();
  expect(count()).toBe('1 of 2');
  press(find('.field'), 'Enter', { shiftKey: true });
  expect(count()).toBe('2 of 2');
  look('yew');
  expect([count(), current()]).toEqual(['Not found', undefined]);
});

it('counts on while output comes, and stays where it is', () => {
  print('oak\n');
  press(find('.rows'), 'f', { ctrlKey: true });
  look('oak');
  print('oak oak\n');
  expect([count(), current()]).toEqual(['1 of 3', 'oak']);
});

it('closes with Escape, takes its marks away and gives the focus back', () => {
  print('oak\n');
  find('.rows').focus();
  press(find('.rows'), 'f', { ctrlKey: true });
  look('oak');
  press(find('.field'), 'Escape');
  expect(find('form').hidden).toBe(true);
  expect(root.querySelector('.found, .found-now')).toBeNull();
  expect(document.activeElement).toBe(find('.rows'));
});
