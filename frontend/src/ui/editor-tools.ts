// What can be done with the program besides running it.
import { words } from '../words';
import { el } from './dom';
import type { Shortcuts } from './shortcuts';
import './editor-tools.css';

export interface EditorToolActions {
  readonly onFormat: () => void;
}

export function mountEditorTools(
  root: HTMLElement,
  shortcuts: Shortcuts,
  actions: EditorToolActions,
): void {
  const { aria, shown } = shortcuts.format;
  const format = el(
    'button',
    { type: 'button', 'aria-keyshortcuts': aria, title: words.format.title(shown) },
    words.format.action,
  );
  format.addEventListener('click', actions.onFormat);
  root.append(format);
}
