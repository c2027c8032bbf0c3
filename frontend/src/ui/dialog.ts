// A native dialog, which keeps the focus inside and gives it back when it closes.
import { words } from '../words';
import { el } from './dom';
import './dialog.css';

export function createDialog(
  name: string,
  heading: string,
  ...content: readonly Node[]
): HTMLDialogElement {
  const close = el('button', { type: 'button', class: 'tool' }, words.help.close);
  const dialog = el(
    'dialog',
    { class: `dialog ${name}`, 'aria-labelledby': `${name}-heading` },
    el('div', { class: 'dialog-head' }, el('h2', { id: `${name}-heading` }, heading), close),
    ...content,
  );
  close.addEventListener('click', () => {
    dialog.close();
  });
  // A click outside the content has the dialog itself as its target.
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  return dialog;
}
