// What can be done with the whole output: find, wrap, copy, save, clear. None is ever `disabled`: that would drop
// the keyboard's focus.
import type { OutputLog } from '../domain/output-log';
import type { Run, StreamName } from '../domain/run';
import { createSetting, parseBoolean, type Setting } from '../domain/setting';
import type { Phase } from '../state/reduce';
import type { Store } from '../state/store';
import { words } from '../words';
import { copyButton, el, setText } from './dom';

export interface OutputTools {
  readonly root: HTMLElement;
  /** After something has been drawn. */
  update(): void;
}

/** Whether long lines are wrapped. */
export const wrapSetting = (storage: Storage | null): Setting<boolean> =>
  createSetting(storage, 'oneshot.wrap', true, parseBoolean);

export function mountOutputTools(
  rows: HTMLElement,
  store: Store,
  output: OutputLog,
  wraps: Setting<boolean>,
  addressOf: (run: Run) => string,
  onFind: () => void,
): OutputTools {
  const find = el('button', { type: 'button', class: 'tool' }, words.find.open);
  find.addEventListener('click', onFind);

  const wrap = el('button', { type: 'button', class: 'tool' }, words.output.wrap);
  const drawWrap = () => {
    wrap.setAttribute('aria-pressed', String(wraps.get()));
    rows.classList.toggle('is-unwrapped', !wraps.get());
  };
  wrap.addEventListener('click', () => {
    wraps.set(!wraps.get());
    drawWrap();
  });
  drawWrap();

  const copy = copyButton(words.output.copy, () => navigator.clipboard.writeText(output.text()));

  const saves = (['stdout', 'stderr'] as const).map((stream) => {
    const button = el('button', { type: 'button', class: 'tool' });
    button.addEventListener('click', () => {
      const { phase } = store.get();
      if (phase.kind !== 'ended' || !savedStreams(phase).includes(stream)) return;
      // The bytes as the program wrote them, which the page has only as text, and perhaps not all of it.
      el('a', { href: `${addressOf(phase.run)}/${stream}`, download: `${stream}.txt` }).click();
    });
    return { stream, button };
  });

  const clear = el('button', { type: 'button', class: 'tool' }, words.output.clear);
  clear.addEventListener('click', () => {
    if (output.isEmpty) return;
    output.clear();
    store.dispatch({ type: 'notice_shown', text: words.output.cleared });
  });

  const buttons = saves.map(({ button }) => button);
  const root = el('div', { class: 'tools' }, find, wrap, copy, ...buttons, clear);
  const update = () => {
    const streams = savedStreams(store.get().phase);
    for (const { stream, button } of saves) {
      button.hidden = stream === 'stderr' && !streams.includes(stream);
      button.setAttribute('aria-disabled', String(!streams.includes(stream)));
      setText(button, words.output.save(stream, streams.length > 1 || streams[0] === 'stderr'));
    }
    clear.setAttribute('aria-disabled', String(output.isEmpty));
  };
  update();
  return { root, update };
}

/** Those of a finished run that have something. */
function savedStreams(phase: Phase): readonly StreamName[] {
  if (phase.kind !== 'ended') return [];
  const { stdout_bytes, stderr_bytes } = phase.run.output;
  const streams: StreamName[] = stdout_bytes > 0 ? ['stdout'] : [];
  return stderr_bytes > 0 ? [...streams, 'stderr'] : streams;
}
