// The runs that were submitted from this browser: searched, opened, run again, forgotten.
import { formatDuration, formatMoment } from '../domain/format';
import { matchesSearch, type RunEntry } from '../domain/run-entry';
import { words } from '../words';
import { createDialog } from './dialog';
import { el, setText } from './dom';
import { createUndo } from './undo';
import './kept.css';

export interface HistoryOptions {
  /** False where the browser forbids storage. */
  readonly isLasting: boolean;
  list(): RunEntry[];
  onOpen(entry: RunEntry): void;
  onRunAgain(entry: RunEntry): void;
  remove(entries: readonly RunEntry[]): void;
  restore(entries: readonly RunEntry[]): void;
}

export function mountHistory(root: HTMLElement, options: HistoryOptions): void {
  const open = el(
    'button',
    { type: 'button', class: 'tool', 'aria-haspopup': 'dialog' },
    words.history.open,
  );
  const search = el('input', {
    class: 'field',
    type: 'search',
    'aria-label': words.history.search,
    placeholder: words.history.search,
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const count = el('p', { class: 'hint', role: 'status' });
  const rows = el('ul', { class: 'kept-list', 'aria-label': words.history.heading });
  const none = el('p', { class: 'kept-none' });
  const removeAll = el('button', { type: 'button', class: 'tool' }, words.history.removeAll);
  const undo = createUndo();
  const dialog = createDialog(
    'history',
    words.history.heading,
    el('div', { class: 'kept-bar' }, search, count),
    rows,
    none,
    el('div', { class: 'kept-bar' }, removeAll, undo.root),
  );
  let entries: RunEntry[] = [];

  const draw = () => {
    const found = entries.filter((entry) => matchesSearch(entry, search.value));
    rows.replaceChildren(...found.map(drawEntry));
    rows.hidden = found.length === 0;
    none.hidden = found.length > 0;
    setText(none, describeNone(entries.length, options.isLasting));
    setText(count, words.history.count(found.length, entries.length));
    removeAll.hidden = entries.length === 0;
  };
  const load = () => {
    entries = options.list();
    draw();
  };
  const remove = (removed: readonly RunEntry[]) => {
    options.remove(removed);
    load();
    undo.offer(words.history.removed(removed.length), () => {
      options.restore(removed);
      load();
      search.focus();
    });
  };
  const button = (label: string, about: string, action: () => void) => {
    const it = el(
      'button',
      { type: 'button', class: 'tool' },
      label,
      el('span', { class: 'visually-hidden' }, ` ${about}`),
    );
    it.addEventListener('click', action);
    return it;
  };
  const drawEntry = (entry: RunEntry): HTMLElement => {
    const title = entry.title || words.history.untitled;
    const opens = el(
      'button',
      { type: 'button', class: 'kept-open' },
      el('span', { class: 'kept-title' }, title),
      ' ',
      el('span', { class: 'kept-facts' }, describeEntry(entry)),
      ' ',
      el('span', { class: 'kept-facts kept-id' }, entry.id),
    );
    opens.addEventListener('click', () => {
      dialog.close();
      options.onOpen(entry);
    });
    return el(
      'li',
      { class: 'kept' },
      opens,
      button(words.history.runAgain, title, () => {
        dialog.close();
        options.onRunAgain(entry);
      }),
      button(words.history.remove, title, () => {
        remove([entry]);
      }),
    );
  };

  open.addEventListener('click', () => {
    undo.clear();
    load();
    dialog.showModal();
    search.focus();
  });
  search.addEventListener('input', draw);
  removeAll.addEventListener('click', () => {
    remove(entries);
  });
  root.append(open, dialog);
}

function describeEntry({ status, wallMs, submittedAt, name }: RunEntry): string {
  return [
    words.history.status[status],
    wallMs === null ? null : formatDuration(wallMs),
    formatMoment(submittedAt),
    name,
  ]
    .filter(Boolean)
    .join(' · ');
}

function describeNone(count: number, isLasting: boolean): string {
  if (count > 0) return words.history.noneFound;
  return isLasting ? words.history.none : words.history.noneKept;
}
