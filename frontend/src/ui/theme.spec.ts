// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createSetting } from '../domain/setting';
import early from '../early.js?raw';
import { mountTheme, parseTheme, type Theme } from './theme';

let system: EventTarget & { matches: boolean };

const shown = () => document.documentElement.dataset['theme'];
const metas = () => Array.from(document.querySelectorAll('meta'), (meta) => meta.content);
const mount = () => {
  const root = document.createElement('div');
  const kept = createSetting<Theme>(localStorage, 'oneshot.theme', 'system', parseTheme);
  mountTheme(root, kept);
  const select = root.querySelector('select');
  if (!select) throw new Error('no select');
  return (theme: string) => {
    select.value = theme;
    select.dispatchEvent(new Event('change'));
  };
};
const loadEarly = () => {
  delete document.documentElement.dataset['theme'];
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- as the page loads it
  new Function(early)();
};

beforeEach(() => {
  localStorage.clear();
  system = Object.assign(new EventTarget(), { matches: false });
  vi.stubGlobal('matchMedia', () => system);
  document.head.replaceChildren();
  for (const [name, content] of [
    ['color-scheme', 'light dark'],
    ['theme-color', '#fff'],
    ['theme-color', '#000'],
  ] as const) {
    document.head.append(Object.assign(document.createElement('meta'), { name, content }));
  }
});

afterEach(() => {
  vi.unstubAllGlobals();
});

it('is that of the system until one is chosen, and follows it', () => {
  mount();
  expect([shown(), ...metas()]).toEqual(['light', 'light dark', '#fff', '#000']);
  system.matches = true;
  system.dispatchEvent(new Event('change'));
  expect(shown()).toBe('dark');
});

it('is the chosen one, whatever the system has, and the system again', () => {
  const choose = mount();
  choose('dark');
  expect([shown(), ...metas()]).toEqual(['dark', 'dark', '#000', '#000']);
  choose('light');
  expect([shown(), ...metas()]).toEqual(['light', 'light', '#fff', '#fff']);
  choose('system');
  expect([shown(), ...metas()]).toEqual(['light', 'light dark', '#fff', '#000']);
});

it.each([false, true])('is there before the page, where the system is dark: %s', (isDark) => {
  system.matches = isDark;
  for (const theme of ['system', 'light', 'dark']) {
    mount()(theme);
    const wanted = shown();
    loadEarly();
    expect(shown()).toBe(wanted);
  }
  vi.stubGlobal('localStorage', undefined);
  loadEarly();
  expect(shown()).toBe(isDark ? 'dark' : 'light');
});
