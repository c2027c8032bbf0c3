// The drafts of this browser: a button that tells the open one, and a list to open, rename and remove them.
import { tellingLineOf, type NamedDraft } from '../domain/draft';
import { formatMoment } from '../domain/format';
import { words } from '../words';
import { createDialog } from './dialog';
import { el, setText } from './dom';
import { createUndo } from './undo';
import './kept.css';

export interface DraftsOptions {
  current(): NamedDraft;
  /** The newest first. */
  list(): NamedDraft[];
  onNew(): void;
  onOpen(draft: NamedDraft): void;
  onRename(draft: NamedDraft, name: string): void;
  onRemove(draft: NamedDraft): void;
  onRestore(draft: NamedDraft): void;
}

export interface DraftsView {
  /** What it shows may have changed. */
  update(): void;
}

export function mountDrafts(root: HTMLElement, options: DraftsOptions): DraftsView {
  const name = el('span', { class: 'draft-name' });
  const open = el(
    'button',
    { type: 'button', class: 'tool draft-open', 'aria-haspopup': 'dialog' },
    el('span', { class: 'visually-hidden' }, `${words.drafts.heading}: `),
    name,
  );
  const begin = el('button', { type: 'button', class: 'tool' }, words.drafts.begin);
  const rows = el('ul', { class: 'kept-list', 'aria-label': words.drafts.heading });
  const undo = createUndo();
  const dialog = createDialog(
    'drafts',
    words.drafts.heading,
    el('div', { class: 'kept-bar' }, begin, undo.root),
    rows,
  );

  const draw = () => {
    rows.replaceChildren(...options.list().map(drawDraft));
  };
  const drawDraft = (draft: NamedDraft): HTMLElement => {
    const isCurrent = draft.id === options.current().id;
    const opens = el(
      'button',
      { type: 'button', class: 'kept-open', 'aria-current': isCurrent ? 'true' : null },
      el('span', { class: 'kept-title' }, draft.name),
      ' ',
      el(
        'span',
        { class: 'kept-facts' },
        [
          isCurrent ? words.drafts.open : null,
          formatMoment(draft.changedAt),
          tellingLineOf(draft.source),
        ]
          .filter(Boolean)
          .join(' · '),
      ),
    );
    opens.addEventListener('click', () => {
      dialog.close();
      if (!isCurrent) options.onOpen(draft);
    });
    const rename = button(words.drafts.rename, draft.name);
    const remove = button(words.drafts.remove, draft.name);
    const row = el('li', { class: 'kept' }, opens, rename, remove);
    rename.addEventListener('click', () => {
      row.replaceChildren(...drawRenaming(draft));
      row.querySelector('input')?.select();
    });
    remove.addEventListener('click', () => {
      options.onRemove(draft);
      draw();
      undo.offer(words.drafts.removed(draft.name), () => {
        options.onRestore(draft);
        draw();
        begin.focus();
      });
    });
    return row;
  };
  const drawRenaming = (draft: NamedDraft): HTMLElement[] => {
    const input = el('input', {
      class: 'field',
      'aria-label': words.drafts.newName(draft.name),
      autocomplete: 'off',
      spellcheck: 'false',
    });
    input.value = draft.name;
    const accept = el('button', { type: 'button', class: 'tool' }, words.drafts.rename);
    const leave = () => {
      const index = options.list().findIndex(({ id }) => id === draft.id);
      draw();
      rows.children[index]?.querySelector('button')?.focus();
    };
    const rename = () => {
      options.onRename(draft, input.value);
      leave();
    };
    accept.addEventListener('click', rename);
    input.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) rename();
      else if (event.key !== 'Escape') return;
      // The dialog stays open.
      else leave();
      event.preventDefault();
    });
    return [input, accept];
  };

  const update = () => {
    setText(name, options.current().name);
    if (dialog.open) draw();
  };
  open.addEventListener('click', () => {
    undo.clear();
    draw();
    dialog.showModal();
    (rows.querySelector<HTMLElement>('[aria-current]') ?? begin).focus();
  });
  begin.addEventListener('click', () => {
    dialog.close();
    options.onNew();
  });
  root.append(open, dialog);
  update();
  return { update };
}

const button = (label: string, about: string): HTMLButtonElement =>
  el(
    'button',
    { type: 'button', class: 'tool' },
    label,
    el('span', { class: 'visually-hidden' }, ` ${about}`),
  );
