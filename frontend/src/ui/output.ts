// The program's output: drawn once per frame, following its end unless the reader scrolled away.
import type { OutputLog } from '../domain/output-log';
import { lacksScratch } from '../domain/options';
import type { Run } from '../domain/run';
import type { Setting } from '../domain/setting';
import type { State } from '../state/reduce';
import type { Store } from '../state/store';
import { words } from '../words';
import { el, setOptionalText, type Child } from './dom';
import { mountFigure } from './figure';
import { adviseOn } from './outcome';
import { mountFind } from './find';
import type { DrawDisplay } from './output-row';
import { mountOutputTools } from './output-tools';
import { OutputView } from './output-view';
import { mountTable, type LoadTable } from './table';
import './output.css';

export interface OutputOptions {
  onGoToLine(line: number): void;
  /** Null where nothing can be run. */
  readonly onRunWithScratch: (() => void) | null;
  readonly loadTable: LoadTable;
  /** Where the run is read, when not at its own address. */
  readonly address?: string;
  /** Whether long lines are wrapped. */
  readonly wraps: Setting<boolean>;
}

/** Both together well below 50 ms, with the layout, so that typing stays smooth while output pours in. */
const workMsPerFrame = 6;
const drawMsPerFrame = 3;
/** Longer than between frames: what comes after it comes alone. */
const pauseMs = 50;
/** While there is a backlog the intermediate states are not worth drawing every frame. */
const drawEveryMs = 250;
/** This close to the end counts as being there. */
const followDistance = 32;
/** Scrolling this soon after a key, wheel, press or swipe counts as the reader's own. */
const scrollInputMs = 1_000;
const hintRows = 10;

export function mountOutput(
  root: HTMLElement,
  store: Store,
  output: OutputLog,
  options: OutputOptions,
): () => void {
  const rows = el('div', {
    class: 'rows',
    role: 'log',
    'aria-live': 'off',
    'aria-label': words.output.label,
    tabindex: '0',
    id: 'output',
  });
  const empty = el('p', { class: 'output-empty' });
  const jump = el('button', { type: 'button', class: 'jump', hidden: true }, words.output.jump);
  const frame = el('div', { class: 'output-frame' }, rows, empty, jump);
  // Each is shown by the first frame in which it is due.
  const remark = (...text: readonly Child[]) => el('p', { class: 'remark', hidden: true }, ...text);
  const advice = remark();
  const inputHint = remark();
  const withScratch = el('button', { type: 'button', class: 'tool' }, words.output.withScratch);
  const scratchHint = remark(words.output.scratchHint, ' ', withScratch);
  const cut = remark();
  const stale = remark();
  const notShown = remark();
  const hidden = remark();
  const stdoutLink = el('a', { target: '_blank', rel: 'noopener' }, 'stdout');
  const stderrLink = el('a', { target: '_blank', rel: 'noopener' }, 'stderr');
  const raw = remark(words.output.rawText, ' ', stdoutLink, ' ', stderrLink);

  const loadTable: LoadTable = async (url) => {
    const table = await options.loadTable(url);
    schedule(); // it will be higher than what stood there
    return table;
  };
  const drawDisplay: DrawDisplay = (element, display) => {
    if (display.mime === 'application/vnd.oneshot.table+json')
      mountTable(element, display, loadTable);
    else mountFigure(element, display);
  };
  const view = new OutputView(rows, drawDisplay);
  let isFollowing = true;
  let touchedAt = -Infinity;
  let workedAt = -Infinity;
  let drawnAt = -Infinity;
  let generation = output.generation;
  let request = 0;

  const find = mountFind({
    rows,
    view,
    output,
    onLook() {
      isFollowing = false;
      jump.hidden = false;
    },
  });
  const addressOf = ({ id }: Run) => options.address ?? `/api/v1/runs/${encodeURIComponent(id)}`;
  const tools = mountOutputTools(rows, store, output, options.wraps, addressOf, find.open);
  const remarks = [advice, inputHint, scratchHint, stale, cut, notShown, hidden, raw];
  root.append(find.root, frame, tools.root, ...remarks);

  const drawFrame = () => {
    cancelAnimationFrame(request);
    request = 0;
    const start = performance.now();
    let isBehind = false;
    workedAt = start;
    output.work(() => performance.now() - start < workMsPerFrame);
    if (!output.isPending || start - drawnAt >= drawEveryMs) {
      drawnAt = start;
      if (generation !== output.generation) {
        generation = output.generation;
        isFollowing = true;
      }
      const worked = performance.now();
      isBehind = !view.draw(output.terminal, () => performance.now() - worked < drawMsPerFrame);
      drawRemarks(store.get());
      tools.update();
      jump.hidden = isFollowing;
      // It lays everything out, so it is the last.
      if (isFollowing) toEnd();
      find.update();
    }
    if (output.isPending || isBehind) schedule();
  };
  const schedule = () => {
    request ||= requestAnimationFrame(drawFrame);
  };

  const drawRemarks = ({ phase, isProgramChanged, bounds }: State) => {
    const run = phase.kind === 'ended' ? phase.run : null;
    setOptionalText(empty, output.isEmpty ? describeEmpty({ phase }, output) : null);
    const asksForInput = run?.status === 'failed' && output.tail(hintRows).includes('EOFError');
    setOptionalText(inputHint, asksForInput ? words.output.inputHint : null);
    scratchHint.hidden = !(
      options.onRunWithScratch &&
      run?.status === 'failed' &&
      run.limits.scratch_mib === 0 &&
      bounds?.maxima.scratch_mib !== 0 &&
      lacksScratch(output.tail(hintRows))
    );
    // That of an infrastructure error stands with its cause, and a hint is more precise.
    const isHinted = run?.status === 'error' || !inputHint.hidden || !scratchHint.hidden;
    setOptionalText(advice, run && !isHinted ? adviseOn(run) : null);
    setOptionalText(cut, run && describeCut(run));
    const isStale = isProgramChanged && rows.querySelector('.line-link') !== null;
    setOptionalText(stale, isStale ? words.output.stale : null);
    setOptionalText(
      notShown,
      run && run.dropped_displays > 0 ? words.display.dropped(run.dropped_displays) : null,
    );
    const { firstIndex, rows: shown } = output.terminal;
    setOptionalText(
      hidden,
      firstIndex > 0 ? words.output.hiddenRows(firstIndex, shown.length) : null,
    );
    raw.hidden = !run || output.isEmpty;
    if (run) {
      stdoutLink.href = `${addressOf(run)}/stdout`;
      stderrLink.href = `${addressOf(run)}/stderr`;
    }
  };

  const toEnd = () => {
    rows.scrollTop = rows.scrollHeight;
  };
  for (const input of ['wheel', 'touchmove', 'pointerdown', 'keydown']) {
    rows.addEventListener(input, () => (touchedAt = performance.now()), { passive: true });
  }
  rows.addEventListener('scroll', () => {
    const isAtEnd = rows.scrollHeight - rows.scrollTop - rows.clientHeight < followDistance;
    // Rows that get their true height late scroll too. Only the reader's own scrolling is a choice.
    if (isAtEnd || performance.now() - touchedAt < scrollInputMs) isFollowing = isAtEnd;
    else if (isFollowing) toEnd();
    jump.hidden = isFollowing;
    find.update();
  });
  root.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    if (event.key.toLowerCase() !== 'f') return;
    event.preventDefault();
    find.open();
  });
  withScratch.addEventListener('click', () => {
    options.onRunWithScratch?.();
  });
  jump.addEventListener('click', () => {
    isFollowing = true;
    toEnd();
    // The button disappears while it has the focus, so the rows take it.
    rows.focus();
  });
  rows.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('.line-link') : null;
    if (link instanceof HTMLElement) options.onGoToLine(Number(link.dataset['line']));
  });
  const unsubscribeOutput = output.subscribe(() => {
    // After a pause at once: the bytes of a figure are asked for when it is drawn.
    if (!output.isEmpty && performance.now() - workedAt > pauseMs) drawFrame();
    else schedule();
  });
  const unsubscribeStore = store.subscribe(schedule);
  return () => {
    cancelAnimationFrame(request);
    unsubscribeOutput();
    unsubscribeStore();
  };
}

function describeCut({ output, truncated }: Run): string | null {
  const dropped = output.stdout_dropped_bytes + output.stderr_dropped_bytes;
  if (dropped > 0)
    return words.output.truncated(output.stdout_bytes + output.stderr_bytes, dropped);
  return truncated ? words.output.incomplete : null;
}

function describeEmpty({ phase }: Pick<State, 'phase'>, { isCleared }: OutputLog): string {
  if (isCleared) return words.output.cleared;
  if (phase.kind === 'ended') {
    const endedByItself = phase.run.status === 'succeeded' || phase.run.status === 'failed';
    return endedByItself ? words.output.none : words.output.noneStopped;
  }
  return phase.kind === 'idle' ? words.output.empty : '';
}
