// Says what was removed and offers to bring it back.
import { words } from '../words';
import { el, setText } from './dom';

export interface Undo {
  readonly root: HTMLElement;
  /** Takes the focus, because what had it is gone. */
  offer(what: string, undo: () => void): void;
  clear(): void;
}

export function createUndo(): Undo {
  const said = el('span', { role: 'status' });
  const button = el('button', { type: 'button', class: 'tool', hidden: true }, words.undo);
  let action: (() => void) | null = null;
  const clear = () => {
    action = null;
    setText(said, '');
    button.hidden = true;
  };
  button.addEventListener('click', () => {
    const undo = action;
    clear();
    undo?.();
  });
  return {
    root: el('p', { class: 'tools' }, said, ' ', button),
    offer(what, undo) {
      action = undo;
      setText(said, what);
      button.hidden = false;
      button.focus();
    },
    clear,
  };
}
