// Two buttons that make the program and its output smaller and larger.
import { nextCodeSize } from '../domain/code-size';
import type { Setting } from '../domain/setting';
import { words } from '../words';
import { el } from './dom';

export function mountCodeSize(root: HTMLElement, setting: Setting<number>): void {
  const said = el('span', { role: 'status', class: 'visually-hidden' });
  const buttons = ([-1, 1] as const).map((step) => {
    const { label, sign } = step < 0 ? words.codeSize.smaller : words.codeSize.larger;
    const button = el('button', { type: 'button', 'aria-label': label, title: label }, sign);
    button.addEventListener('click', () => {
      const next = nextCodeSize(setting.get(), step);
      if (next === null) return;
      setting.set(next);
      show();
      said.textContent = words.codeSize.now(next);
    });
    return { step, button };
  });
  const show = () => {
    document.documentElement.style.setProperty('--code-scale', String(setting.get()));
    for (const { step, button } of buttons) {
      button.setAttribute('aria-disabled', String(nextCodeSize(setting.get(), step) === null));
    }
    // Only then does the editor measure its lines again.
    window.dispatchEvent(new Event('resize'));
  };
  show();
  root.append(...buttons.map(({ button }) => button), said);
}
