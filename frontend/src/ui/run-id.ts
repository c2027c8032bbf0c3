// Which run is shown: its id, which is its link too.
import type { Store } from '../state/store';
import { words } from '../words';
import { copyButton, el, setText } from './dom';

export function mountRunId(root: HTMLElement, store: Store): () => void {
  const link = el('a', { class: 'run-id' });
  const address = () => new URL(link.href, location.href).href;
  const line = el(
    'p',
    { class: 'remark tools' },
    el('span', {}, words.runId.heading, ' ', link),
    copyButton(words.runId.copyLink, () => navigator.clipboard.writeText(address())),
    copyButton(words.runId.copyId, () => navigator.clipboard.writeText(link.textContent)),
  );
  root.append(line);
  return store.subscribe(({ phase }) => {
    const run = phase.kind === 'active' || phase.kind === 'ended' ? phase.run : null;
    line.hidden = run === null;
    if (!run) return;
    setText(link, run.id);
    link.href = `#run=${run.id}`;
  });
}
