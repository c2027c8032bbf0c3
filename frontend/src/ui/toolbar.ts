// Run and Stop. Neither is ever `disabled`: that would drop the keyboard's focus when it changes.
import { isBusy, isStopping } from '../state/reduce';
import type { Store } from '../state/store';
import { words } from '../words';
import { el, setText } from './dom';
import type { Shortcuts } from './shortcuts';
import './toolbar.css';

export interface ToolbarOptions {
  readonly shortcuts: Shortcuts;
  readonly onRun: () => void;
  readonly onStop: () => void;
}

export function mountToolbar(root: HTMLElement, store: Store, options: ToolbarOptions): () => void {
  const { shortcuts } = options;
  const runLabel = el('span', {}, words.run);
  const stopLabel = el('span', {}, words.stop);
  const run = el(
    'button',
    { type: 'button', class: 'run', 'aria-keyshortcuts': shortcuts.run.aria },
    el('span', { class: 'icon icon-run', 'aria-hidden': 'true' }),
    runLabel,
    el('kbd', { 'aria-hidden': 'true' }, shortcuts.run.shown),
  );
  const stop = el(
    'button',
    {
      type: 'button',
      class: 'stop',
      'aria-keyshortcuts': shortcuts.stop.aria,
      title: shortcuts.stop.shown,
    },
    el('span', { class: 'icon icon-stop', 'aria-hidden': 'true' }),
    stopLabel,
  );
  run.addEventListener('click', options.onRun);
  stop.addEventListener('click', options.onStop);
  root.append(run, stop);

  return store.subscribe(({ phase }) => {
    run.setAttribute('aria-disabled', String(isBusy(phase)));
    stop.setAttribute('aria-disabled', String(!isBusy(phase) || isStopping(phase)));
    setText(stopLabel, isStopping(phase) ? words.status.stopping : words.stop);
  });
}
