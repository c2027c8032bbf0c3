// @vitest-environment jsdom
import { describe, expect, it, vi } from 'vitest';
import type { MountEditor } from './editor';
import { mountEditor } from './mount';
import { mountPlain } from './plain';

const options = { text: 'a\nbb\nccc', label: 'Program', describedBy: 'hint', onChange: vi.fn() };
const never = () => new Promise<MountEditor>(() => undefined);

const parent = () => {
  const element = document.createElement('div');
  document.body.replaceChildren(element);
  return element;
};

describe('mountEditor', () => {
  it('is usable before the large editor has arrived', () => {
    const root = parent();
    const editor = mountEditor(root, options, never);
    const box = root.querySelector('textarea');
    if (!box) throw new Error('no text box');
    box.value = 'typed early';
    expect(editor.text()).toBe('typed early');
    expect(box.getAttribute('aria-label')).toBe('Program');
  });

  it('keeps text, selection, fault and focus when the large editor arrives', async () => {
    const root = parent();
    let arrive: (mount: MountEditor) => void = () => undefined;
    const arrived = new Promise<MountEditor>((resolve) => (arrive = resolve));
    const editor = mountEditor(root, options, () => arrived);
    const box = root.querySelector('textarea');
    if (!box) throw new Error('no text box');
    box.value = 'typed early';
    editor.focus();
    editor.select({ from: 2, to: 5 });
    editor.markInvalid(true);
    arrive(mountPlain);
    await arrived;
    await Promise.resolve();
    const next = root.querySelector('textarea');
    expect(next).not.toBe(box);
    expect(editor.text()).toBe('typed early');
    expect(editor.selection()).toEqual({ from: 2, to: 5 });
    expect(next?.getAttribute('aria-invalid')).toBe('true');
    expect(document.activeElement).toBe(next);
  });

  it('opens another text, with fault and focus as they were', () => {
    const root = parent();
    const editor = mountEditor(root, options, never);
    editor.focus();
    editor.markInvalid(true);
    editor.open('other\nlines', { from: 6, to: 99 });
    expect(editor.text()).toBe('other\nlines');
    expect(editor.selection()).toEqual({ from: 6, to: 11 });
    expect(editor.hasFocus()).toBe(true);
    expect(root.querySelectorAll('textarea')).toHaveLength(1);
    expect(root.querySelector('textarea')?.getAttribute('aria-invalid')).toBe('true');
  });

  it('stays a text box when the large editor cannot be loaded', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const root = parent();
    const editor = mountEditor(root, options, () => Promise.reject(new Error('offline')));
    await Promise.resolve();
    expect(editor.text()).toBe(options.text);
  });

  it.each([
    [2, { from: 2, to: 4 }],
    [99, { from: 5, to: 8 }],
    [0, { from: 0, to: 1 }],
  ])('selects line %d', (line, want) => {
    const editor = mountEditor(parent(), options, never);
    editor.revealLine(line);
    expect(editor.selection()).toEqual(want);
  });
});
