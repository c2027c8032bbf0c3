// Marks what was found, by the CSS Custom Highlight API, which changes no node. A browser without it gets marked
// rows instead.
import type { Match } from '../domain/search';
import type { OutputView } from './output-view';

/** Beyond it, what is in sight is full of marks anyway. */
const mostMarks = 2_000;

const canHighlight = () => typeof Highlight === 'function' && 'highlights' in CSS;

let markedRows: HTMLElement[] = [];

export function drawMarks(
  view: OutputView,
  matches: readonly Match[],
  current: Match | null,
): void {
  const [from, to] = view.inSight();
  const seen = matches.filter(({ row }) => row >= from && row < to).slice(0, mostMarks);
  clearMarks();
  if (!canHighlight()) {
    for (const { row } of seen) mark(view.elementOf(row), 'found');
    if (current) mark(view.elementOf(current.row), 'found-now');
    return;
  }
  const rangesOf = (wanted: readonly Match[]) =>
    wanted.flatMap((match) => {
      const element = view.elementOf(match.row);
      const range = element && rangeOf(element, match);
      return range ? [range] : [];
    });
  CSS.highlights.set('found', new Highlight(...rangesOf(seen)));
  const now = new Highlight(...rangesOf(current ? [current] : []));
  now.priority = 1;
  CSS.highlights.set('found-now', now);
}

function mark(row: HTMLElement | null, name: string): void {
  if (!row) return;
  row.classList.add(name);
  markedRows.push(row);
}

export function clearMarks(): void {
  for (const row of markedRows) row.classList.remove('found', 'found-now');
  markedRows = [];
  if (!canHighlight()) return;
  CSS.highlights.delete('found');
  CSS.highlights.delete('found-now');
}

/** The part of a row's text, which may be in several nodes. Null when the row has become another one. */
export function rangeOf(row: HTMLElement, { start, end }: Match): Range | null {
  const texts = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  let before = 0;
  let hasStart = false;
  while (texts.nextNode()) {
    const text = texts.currentNode as Text;
    if (!hasStart && start < before + text.length) {
      range.setStart(text, start - before);
      hasStart = true;
    }
    if (hasStart && end <= before + text.length) {
      range.setEnd(text, end - before);
      return range;
    }
    before += text.length;
  }
  return null;
}
