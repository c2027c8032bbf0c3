// Draws one row of output. Text is untrusted: it only ever becomes text nodes.
import type { Display } from '../domain/run';
import type { Row, Segment } from '../domain/terminal';
import { textOf } from '../domain/terminal';
import { plain, type Colour, type TextStyle } from '../domain/sgr';
import { findSourceReferences, isException, type SourceReference } from '../domain/traceback';
import { words } from '../words';
import { el } from './dom';

export function drawRow(element: HTMLElement, row: Row, drawDisplay: DrawDisplay): void {
  element.className = `row ${row.kind}`;
  if (row.display) {
    drawDisplay(element, row.display);
    return;
  }
  const [only] = row.segments;
  const text = row.segments.length === 1 && only ? only.text : textOf(row);
  if (row.kind === 'stderr' && isException(text)) element.classList.add('exception');
  const references = row.kind === 'notice' ? [] : findSourceReferences(text);
  if (references.length === 0 && row.segments.length === 1 && only?.style === plain) {
    element.textContent = text;
  } else {
    element.replaceChildren(...drawParts(row.segments, references));
  }
}

export type DrawDisplay = (element: HTMLElement, display: Display) => void;

function drawParts(
  segments: readonly Segment[],
  references: readonly SourceReference[],
): (Node | string)[] {
  const parts: (Node | string)[] = [];
  let start = 0;
  for (const { text, style } of segments) {
    let at = 0;
    for (const reference of references) {
      // A link that is coloured in pieces stays in the piece where it begins.
      const from = reference.start - start;
      if (from < at || from >= text.length) continue;
      const to = Math.min(text.length, reference.end - start);
      if (from > at) parts.push(styled(text.slice(at, from), style));
      parts.push(linkTo(reference.line, styled(text.slice(from, to), style)));
      at = to;
    }
    if (at < text.length) parts.push(styled(text.slice(at), style));
    start += text.length;
  }
  return parts;
}

function linkTo(line: number, content: Node | string): HTMLElement {
  const link = el(
    'button',
    { type: 'button', class: 'line-link', title: words.output.goToLine(line) },
    content,
  );
  link.dataset['line'] = String(line);
  return link;
}

function styled(text: string, style: TextStyle): Node | string {
  if (style === plain) return text;
  const span = el('span', {}, text);
  const { classList } = span;
  for (const flag of ['bold', 'dim', 'italic', 'underline', 'strike'] as const) {
    if (style[flag]) classList.add(flag);
  }
  const [foreground, background] = style.inverse
    ? [style.background, style.foreground]
    : [style.foreground, style.background];
  if (style.inverse && foreground === null && background === null) classList.add('inverse');
  paint(span, 'fg', foreground);
  paint(span, 'bg', background);
  return span;
}

/** Palette colours are classes, so that each theme has readable ones; others are clamped by CSS. */
function paint(span: HTMLElement, part: 'fg' | 'bg', colour: Colour | null): void {
  if (colour === null) return;
  if (typeof colour === 'number') {
    span.classList.add(`${part}-${colour}`);
  } else {
    span.classList.add(`${part}-any`);
    span.style.setProperty(`--${part}`, colour);
  }
}
