// Native dialogs, which keep the focus inside and give it back when they close.
import { words } from '../words';
import { el, type Attributes, type Child } from './dom';
import './dialog.css';

export const closeButton = (): HTMLButtonElement =>
  el('button', { type: 'button', class: 'tool' }, words.close);

/** With its heading and the button that closes it in one line. */
export function createDialog(
  name: string,
  heading: string,
  ...content: readonly Child[]
): HTMLDialogElement {
  const close = closeButton();
  const head = el('h2', { id: `${name}-heading` }, heading);
  return createFrame(
    { class: name, 'aria-labelledby': head.id },
    close,
    el('div', { class: 'dialog-head' }, head, close),
    ...content,
  );
}

/** One whose content says where its heading and `close` stand. A press beside it closes it too. */
export function createFrame(
  attributes: Attributes & { readonly class: string },
  close: HTMLButtonElement,
  ...content: readonly Child[]
): HTMLDialogElement {
  const dialog = el('dialog', attributes, ...content);
  dialog.classList.add('dialog');
  close.addEventListener('click', () => {
    dialog.close();
  });
  // A press outside the content has the dialog itself as its target.
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  return dialog;
}

/** For a dialog that is made each time: it goes when it closes. */
export function showOnce(dialog: HTMLDialogElement): void {
  dialog.addEventListener('close', () => {
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
}
