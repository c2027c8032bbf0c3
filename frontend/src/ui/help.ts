// The list of keys, in a dialog.
import { words } from '../words';
import { closeButton, createFrame } from './dialog';
import { el } from './dom';
import type { Shortcuts } from './shortcuts';
import './help.css';

export function mountHelp(
  root: HTMLElement,
  shortcuts: Shortcuts,
  onEnvironment: () => void,
): void {
  const open = el(
    'button',
    { type: 'button', class: 'help-open', 'aria-haspopup': 'dialog', title: words.help.open },
    el('span', { class: 'help-word' }, words.help.open),
    el('span', { class: 'help-sign', 'aria-hidden': 'true' }, '?'),
  );
  const environment = el('button', { type: 'button', class: 'tool' }, words.environment.open);
  const close = closeButton();
  const dialog = createFrame(
    { class: 'help', 'aria-labelledby': 'help-heading' },
    close,
    el('h2', { id: 'help-heading' }, words.help.heading),
    el(
      'dl',
      {},
      ...words.help
        .keys(shortcuts.command)
        .map(([keys, meaning]) =>
          el('div', {}, el('dt', {}, el('kbd', {}, keys)), el('dd', {}, meaning)),
        ),
    ),
    el('p', { class: 'tools' }, close, environment),
  );
  open.addEventListener('click', () => {
    dialog.showModal();
  });
  environment.addEventListener('click', () => {
    dialog.close();
    onEnvironment();
  });
  root.append(open, dialog);
}
