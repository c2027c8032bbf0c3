// @vitest-environment jsdom
import { expect, it, vi } from 'vitest';
import { mountPlain } from './plain';

const mount = (onChange = vi.fn()) => {
  const root = document.createElement('div');
  document.body.replaceChildren(root);
  const options = { text: 'a\nbb\nccc', label: 'Program', describedBy: 'hint', onChange };
  const editor = mountPlain(root, options);
  const box = root.querySelector('textarea');
  if (!box) throw new Error('no text box');
  return { root, editor, box, onChange };
};

it('has the name and the description of the editor', () => {
  const { box } = mount();
  expect(box.getAttribute('aria-label')).toBe('Program');
  expect(box.getAttribute('aria-describedby')).toBe('hint');
});

it('tells of every change', () => {
  const { box, onChange } = mount();
  box.dispatchEvent(new Event('input'));
  expect(onChange).toHaveBeenCalledTimes(1);
});

it.each([
  [2, { from: 2, to: 4 }],
  [99, { from: 5, to: 8 }],
  [0, { from: 0, to: 1 }],
])('selects line %d and takes the focus', (line, want) => {
  const { editor } = mount();
  editor.revealLine(line);
  expect(editor.selection()).toEqual(want);
  expect(editor.hasFocus()).toBe(true);
});

it('goes away', () => {
  const { root, editor } = mount();
  editor.dispose();
  expect(root.childElementCount).toBe(0);
});
