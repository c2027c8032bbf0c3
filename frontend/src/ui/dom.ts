// Builds DOM nodes. Strings only ever become text or attributes, never markup.
import { words } from '../words';

export type Child = Node | string | null;
export type Attributes = Readonly<Record<string, string | boolean | null>>;

export function el<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(key, '');
    else if (typeof value === 'string') element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Sets text only when it differs: a live region announces every change, even one to the same words. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Shows the text, or hides the element when there is none. */
export function setOptionalText(element: HTMLElement, text: string | null): void {
  element.hidden = text === null;
  setText(element, text ?? '');
}

/** A button that copies and says whether it did. Null where the browser lets no page copy. */
export function copyButton(label: string, copy: () => Promise<void>): HTMLElement | null {
  // Its type says that it is always there; without HTTPS it is not.
  if (!(navigator as Partial<Navigator>).clipboard) return null;
  const button = el('button', { type: 'button', class: 'tool' }, label);
  const said = el('span', { role: 'status' });
  button.addEventListener('click', () => {
    void copy().then(
      () => {
        setText(said, words.display.copied);
      },
      () => {
        setText(said, words.display.notCopied);
      },
    );
  });
  return el('span', { class: 'copy' }, button, ' ', said);
}

/** In place of something that could not be loaded. */
export function loadFailure(again: () => void): HTMLElement {
  const button = el('button', { type: 'button', class: 'tool' }, words.display.again);
  button.addEventListener('click', again);
  return el('p', { class: 'tools', role: 'alert' }, words.display.failed, ' ', button);
}

/** Gives the person a file. */
export function saveFile(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  el('a', { href: url, download: name }).click();
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
}
