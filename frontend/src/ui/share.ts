// Sharing a result: what is given to others, to whom, and how to take it back. The dialog is loaded when it is opened.
import type { Run } from '../domain/run';
import { headlineOf, type Sharing } from '../domain/share';
import type { Store } from '../state/store';
import { words } from '../words';
import { el, setText } from './dom';
import './share.css';

export function mountShare(root: HTMLElement, store: Store, options: Sharing): () => void {
  const share = el(
    'button',
    { type: 'button', class: 'tool', 'aria-haspopup': 'dialog' },
    words.share.open,
  );
  const mine = el('button', { type: 'button', class: 'tool', 'aria-haspopup': 'dialog' });
  const tools = el('p', { class: 'tools share-bar' }, share, mine);
  root.append(tools);

  let run: Run | null = null;
  /** What was run, as far as the editor knew when the run ended. */
  let title = '';
  const open = async (shared: { readonly run: Run; readonly title: string } | null) => {
    const { openShareDialog } = await import('./share-dialog');
    openShareDialog(shared, options, draw);
  };
  const draw = () => {
    const count = options.list().length;
    share.hidden = run === null;
    mine.hidden = count === 0;
    tools.hidden = share.hidden && mine.hidden;
    setText(mine, words.share.mine(count));
  };
  share.addEventListener('click', () => {
    if (run) void open({ run, title });
  });
  mine.addEventListener('click', () => void open(null));
  return store.subscribe(({ phase }) => {
    const ended = phase.kind === 'ended' ? phase.run : null;
    if (ended === run && run !== null) return;
    run = ended;
    if (run) title = headlineOf(options.source()) ?? words.share.untitled;
    draw();
  });
}
