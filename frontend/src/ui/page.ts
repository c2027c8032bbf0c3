// The page's frame: landmarks, headings and skip links, and the places where the parts go.
import { words } from '../words';
import { el } from './dom';
import '../styles/tokens.css';
import '../styles/page.css';
import '../styles/ansi.css';

export interface Page {
  readonly header: HTMLElement;
  readonly toolbar: HTMLElement;
  readonly panes: HTMLElement;
  readonly program: HTMLElement;
  readonly output: HTMLElement;
  readonly status: HTMLElement;
  readonly outputTools: HTMLElement;
  readonly footer: HTMLElement;
  readonly skipToEditor: HTMLButtonElement;
  readonly skipToOutput: HTMLButtonElement;
}

export function mountPage(root: HTMLElement): Page {
  const skipToEditor = el('button', { type: 'button', class: 'skip' }, words.skipToEditor);
  const skipToOutput = el('button', { type: 'button', class: 'skip' }, words.skipToOutput);
  const toolbar = el('div', { class: 'toolbar' });
  const header = el(
    'header',
    { class: 'page-head' },
    skipToEditor,
    skipToOutput,
    el('div', { class: 'brand' }, el('h1', {}, words.title), el('p', {}, words.tagline)),
    toolbar,
  );
  const outputTools = el('div', { class: 'panel-tools' });
  const status = el(
    'div',
    { class: 'panel-head' },
    el('h2', { id: 'output-heading' }, words.output.heading),
    outputTools,
  );
  const program = el('section', {
    id: 'program',
    class: 'pane',
    'aria-labelledby': 'program-heading',
  });
  const output = el('section', { class: 'pane', 'aria-labelledby': 'output-heading' }, status);
  const footer = el('footer', { class: 'page-foot' });
  const panes = el('main', { class: 'panes' }, program, output);
  root.append(header, panes, footer);
  return {
    header,
    toolbar,
    panes,
    program,
    output,
    status,
    outputTools,
    footer,
    skipToEditor,
    skipToOutput,
  };
}
