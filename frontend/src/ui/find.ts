// Finds a text in the output: a bar above the rows, which works a little per frame and marks what is in sight.
import { mostMatches, OutputSearch, type Match } from '../domain/search';
import type { OutputLog } from '../domain/output-log';
import { words } from '../words';
import { el, setText } from './dom';
import { clearMarks, drawMarks, rangeOf } from './find-marks';
import type { OutputView } from './output-view';
import './find.css';

export interface FindPlaces {
  readonly rows: HTMLElement;
  readonly view: OutputView;
  readonly output: OutputLog;
  /** The reader is led away from the end. */
  readonly onLook: () => void;
}

export interface Find {
  readonly root: HTMLElement;
  readonly open: () => void;
  /** After rows have been drawn or scrolled. */
  readonly update: () => void;
}

/** Beside the drawing of output, which takes as much. */
const workMsPerFrame = 8;

export function mountFind({ rows, view, output, onLook }: FindPlaces): Find {
  const field = el('input', {
    type: 'text',
    class: 'field',
    'aria-label': words.find.label,
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    enterkeyhint: 'search',
  });
  const count = el('span', { class: 'find-count', role: 'status' });
  const button = (label: string, act: () => void, type = 'button') => {
    const made = el('button', { type, class: 'tool' }, label);
    made.addEventListener('click', act);
    return made;
  };
  const root = el(
    'form',
    { class: 'find', role: 'search', hidden: true },
    field,
    count,
    button(words.find.previous, () => {
      step(-1);
    }),
    button(words.find.next, () => undefined, 'submit'),
    button(words.close, () => {
      close();
    }),
  );

  let search: OutputSearch | null = null;
  let current: Match | null = null;
  let opener: HTMLElement | null = null;
  let request = 0;

  const draw = () => {
    request = 0;
    if (!search) return;
    const start = performance.now();
    const isDone = search.work(output.terminal, () => performance.now() - start < workMsPerFrame);
    const at = indexOf(search.matches, current);
    current = search.matches[at] ?? null;
    drawMarks(view, search.matches, current);
    setText(count, words.find.count(at + 1, search.matches.length, mostMatches));
    if (!isDone) schedule();
  };
  const schedule = () => {
    if (search) request ||= requestAnimationFrame(draw);
  };

  const look = (match: Match | undefined) => {
    if (!match) return;
    current = match;
    onLook();
    const element = view.elementOf(match.row);
    element?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    // A long line is higher, or wider, than what can be seen of it.
    const place = element && rangeOf(element, match)?.getBoundingClientRect();
    if (place) {
      const frame = rows.getBoundingClientRect();
      if (place.top < frame.top || place.bottom > frame.bottom) {
        rows.scrollTop += place.top - frame.top - frame.height / 2;
      }
      if (place.left < frame.left || place.right > frame.right) {
        rows.scrollLeft += place.left - frame.left - frame.width / 2;
      }
    }
    schedule();
  };
  const step = (by: number) => {
    const matches = search?.matches ?? [];
    const at = indexOf(matches, current);
    const next = at < 0 ? (by > 0 ? 0 : -1) : (at + by) % matches.length;
    look(matches.at(next));
  };

  const change = () => {
    clearMarks();
    current = null;
    search = field.value ? new OutputSearch(field.value) : null;
    setText(count, '');
    draw();
    // The first one from where the reader is.
    const [from] = view.inSight();
    look(search?.matches.find(({ row }) => row >= from) ?? search?.matches[0]);
  };
  const close = () => {
    root.hidden = true;
    search = null;
    clearMarks();
    (opener?.isConnected ? opener : rows).focus();
  };

  field.addEventListener('input', change);
  root.addEventListener('submit', (event) => {
    event.preventDefault();
    step(1);
  });
  root.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close();
    else if (event.key === 'Enter' && event.shiftKey && event.target === field) step(-1);
    else return;
    event.preventDefault();
  });

  return {
    root,
    open() {
      const selected = document.getSelection();
      const text = selected && rows.contains(selected.anchorNode) ? selected.toString() : '';
      if (text && !text.includes('\n')) field.value = text;
      const focused = document.activeElement;
      if (focused instanceof HTMLElement && !root.contains(focused)) opener = focused;
      root.hidden = false;
      field.focus();
      field.select();
      change();
    },
    update: schedule,
  };
}

/** By its place: a row that has grown was searched again. */
const indexOf = (matches: readonly Match[], wanted: Match | null): number =>
  wanted ? matches.findIndex(({ row, start }) => row === wanted.row && start === wanted.start) : -1;
