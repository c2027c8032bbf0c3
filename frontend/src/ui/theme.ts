// The colours of the page: those of the system, or the light or dark ones. src/early.js has applied the choice before
// the first paint.
import type { Setting } from '../domain/setting';
import { words } from '../words';
import { el } from './dom';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

export const parseTheme = (text: string): Theme | null =>
  themes.find((theme) => theme === text) ?? null;

export function mountTheme(root: HTMLElement, chosen: Setting<Theme>): () => void {
  const systemIsDark = window.matchMedia('(prefers-color-scheme: dark)');
  const scheme = document.querySelector<HTMLMetaElement>('meta[name="color-scheme"]');
  // That of the light theme, then that of the dark one; a browser takes the one that fits the system.
  const bars = Array.from(document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]'));
  const colours = bars.map(({ content }) => content);

  const options = themes.map((theme) => el('option', { value: theme }, words.theme[theme]));
  const select = el('select', { id: 'theme', class: 'tool' }, ...options);
  root.append(el('label', { for: 'theme' }, words.theme.label), select);

  const draw = () => {
    const theme = chosen.get();
    select.value = theme;
    const isDark = theme === 'dark' || (theme === 'system' && systemIsDark.matches);
    document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light';
    if (scheme) scheme.content = theme === 'system' ? 'light dark' : theme;
    bars.forEach((bar, index) => {
      const wanted = theme === 'system' ? index : themes.indexOf(theme) - 1;
      bar.content = colours[wanted] ?? '';
    });
  };
  select.addEventListener('change', () => {
    chosen.set(parseTheme(select.value) ?? 'system');
    draw();
  });
  systemIsDark.addEventListener('change', draw);
  draw();
  return () => {
    systemIsDark.removeEventListener('change', draw);
  };
}
