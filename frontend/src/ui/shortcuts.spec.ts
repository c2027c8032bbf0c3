// @vitest-environment jsdom
import { afterEach, describe, expect, it, vi } from 'vitest';
import { bindShortcuts, describeShortcuts } from './shortcuts';

const actions = {
  onRun: vi.fn(),
  onStop: vi.fn(),
  onSave: vi.fn(),
  onOpen: vi.fn(),
  onFormat: vi.fn(),
};
const press = (init: KeyboardEventInit): boolean =>
  document.body.dispatchEvent(
    new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }),
  );

describe('bindShortcuts', () => {
  const unbind = bindShortcuts(document, actions);
  afterEach(() => vi.clearAllMocks());

  it.each<[keyof typeof actions, KeyboardEventInit]>([
    ['onRun', { key: 'Enter', ctrlKey: true }],
    ['onRun', { key: 'Enter', metaKey: true }],
    ['onStop', { key: 'Enter', ctrlKey: true, shiftKey: true }],
    ['onSave', { key: 's', ctrlKey: true }],
    ['onOpen', { key: 'o', metaKey: true }],
    ['onFormat', { key: 'F', code: 'KeyF', altKey: true, shiftKey: true }],
    ['onFormat', { key: 'Ï', code: 'KeyF', altKey: true, shiftKey: true }],
  ])('calls %s', (action, init) => {
    expect(press(init)).toBe(false);
    expect(actions[action]).toHaveBeenCalledTimes(1);
  });

  it.each<KeyboardEventInit>([
    { key: 'F5' },
    { key: 'r', ctrlKey: true },
    { key: 'Escape', shiftKey: true },
    { key: 'Enter' },
    { key: 's', ctrlKey: true, shiftKey: true },
    { key: 'l', ctrlKey: true },
    { key: 'f', code: 'KeyF', altKey: true },
  ])('leaves %j to the browser', (init) => {
    expect(press(init)).toBe(true);
  });

  it('acts once while a key is held', () => {
    press({ key: 'Enter', ctrlKey: true, repeat: true });
    expect(actions.onRun).not.toHaveBeenCalled();
  });

  it('lets go', () => {
    unbind();
    expect(press({ key: 'Enter', ctrlKey: true })).toBe(true);
  });
});

it('names the keys of the platform', () => {
  expect(describeShortcuts('MacIntel').run).toEqual({ aria: 'Meta+Enter', shown: '⌘ Enter' });
  expect(describeShortcuts('Linux x86_64').run.shown).toBe('Ctrl+Enter');
});
