// The bar between program and output, by which one gets more room at the other's expense: dragged, moved with the
// arrow keys, or pressed, which steps through three divisions for those who cannot drag. Side by side it divides the
// width of both; stacked, where the page scrolls, it gives the editor its share of the window's height.
import type { Setting } from '../domain/setting';
import { words } from '../words';
import { el } from './dom';
import './splitter.css';

/** Percent of the room; what is left at either end can still be used. */
const least = 20;
const most = 80;
const step = 5;
const stops = [35, 50, 65] as const;
/** Pixels that a finger which only presses may move. */
const trembling = 3;

export interface Split {
  readonly sideBySide: Setting<number>;
  readonly stacked: Setting<number>;
}

export const initialSplit = { sideBySide: 50, stacked: 45 } as const;

export function parseShare(text: string): number | null {
  const share = Number.parseFloat(text);
  return share >= least && share <= most ? share : null;
}

const bounded = (share: number): number => Math.round(Math.min(most, Math.max(least, share)));

export function mountSplitter(panes: HTMLElement, program: HTMLElement, split: Split): () => void {
  // As in page.css.
  const narrow = window.matchMedia('(width < 56rem)');
  const bar = el('div', {
    class: 'splitter',
    role: 'separator',
    tabindex: '0',
    'aria-label': words.splitter.label,
    'aria-controls': program.id,
    'aria-valuemin': String(least),
    'aria-valuemax': String(most),
  });
  program.after(bar);

  const kind = () => (narrow.matches ? 'stacked' : 'sideBySide');
  const draw = () => {
    const share = split[kind()].get();
    bar.setAttribute('aria-orientation', narrow.matches ? 'horizontal' : 'vertical');
    bar.setAttribute('aria-valuenow', String(share));
    bar.setAttribute('aria-valuetext', words.splitter.share(share));
    bar.title = words.splitter.title;
    panes.style.setProperty('--program-share', `${split.sideBySide.get()}fr`);
    panes.style.setProperty('--output-share', `${100 - split.sideBySide.get()}fr`);
    panes.style.setProperty('--editor-share', String(split.stacked.get()));
  };
  const set = (share: number) => {
    split[kind()].set(bounded(share));
    draw();
  };

  bar.addEventListener('keydown', (event) => {
    const now = split[kind()].get();
    const [less, more] = narrow.matches ? ['ArrowUp', 'ArrowDown'] : ['ArrowLeft', 'ArrowRight'];
    if (event.key === less) set(now - step);
    else if (event.key === more) set(now + step);
    else if (event.key === 'Home') set(least);
    else if (event.key === 'End') set(most);
    else return;
    event.preventDefault();
  });

  let drag: { readonly from: number; readonly share: number } | null = null;
  let wasDragged = false;
  const placeOf = (event: PointerEvent) => (narrow.matches ? event.clientY : event.clientX);
  bar.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    bar.setPointerCapture(event.pointerId);
    drag = { from: placeOf(event), share: split[kind()].get() };
    wasDragged = false;
  });
  bar.addEventListener('pointermove', (event) => {
    if (!drag) return;
    const moved = placeOf(event) - drag.from;
    wasDragged ||= Math.abs(moved) > trembling;
    const room = narrow.matches ? window.innerHeight : panes.clientWidth;
    if (wasDragged) set(drag.share + (100 * moved) / room);
  });
  bar.addEventListener('lostpointercapture', () => {
    drag = null;
  });
  // It comes after a drag, too.
  bar.addEventListener('click', ({ detail }) => {
    if (wasDragged) return;
    const now = split[kind()].get();
    if (detail === 2) set(initialSplit[kind()]);
    else if (detail < 2) set(stops.find((stop) => stop > now) ?? stops[0]);
  });

  narrow.addEventListener('change', draw);
  draw();
  return () => {
    narrow.removeEventListener('change', draw);
  };
}
