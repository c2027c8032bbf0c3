// A short notice at the lower edge that disappears by itself.
import type { Store } from '../state/store';
import { el, setText } from './dom';
import './toast.css';

const shownMs = 4_000;

export function mountToast(root: HTMLElement, store: Store): () => void {
  const box = el('p', { class: 'toast', role: 'status' });
  root.append(box);
  let shown = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const unsubscribe = store.subscribe(({ notice }) => {
    box.classList.toggle('is-shown', notice !== null);
    // The text stays while the box fades. An emptied live region announces nothing anyway.
    if (!notice || notice.number === shown) return;
    shown = notice.number;
    setText(box, notice.text);
    clearTimeout(timer);
    timer = setTimeout(() => {
      setText(box, '');
      store.dispatch({ type: 'notice_hidden', number: notice.number });
    }, shownMs);
  });
  return () => {
    clearTimeout(timer);
    unsubscribe();
    box.remove();
  };
}
