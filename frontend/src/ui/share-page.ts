// A shared program and its result, to be read. All of it was written by a stranger, and becomes text nodes only.
import type { Problem, Submission } from '../domain/run';
import { shareLink } from '../domain/share';
import { words } from '../words';
import { el } from './dom';
import '../styles/tokens.css';
import '../styles/page.css';
import '../styles/ansi.css';
import './problem.css';
import './share-page.css';

export interface ShareActions {
  readonly onRun: () => void;
  readonly onEdit: () => void;
}

export interface SharedProgram {
  readonly revealLine: (line: number) => void;
}

export interface SharePage {
  readonly program: HTMLElement;
  readonly output: HTMLElement;
  readonly status: HTMLElement;
  /** Without actions it can only be read. */
  show(submission: Submission, expiresAt: string, actions: ShareActions | null): SharedProgram;
}

/** `embedded` is the share's id where the page is shown inside another one. */
export function mountSharePage(root: HTMLElement, embedded: string | null): SharePage {
  const home =
    embedded === null
      ? el('a', { href: '/' }, words.share.home)
      : el(
          'a',
          { href: shareLink(location.origin, embedded), target: '_blank', rel: 'noopener' },
          words.share.inOneshot,
        );
  const tools = el('div', { class: 'share-tools' });
  const status = el(
    'div',
    { class: 'panel-head' },
    el('h2', { id: 'output-heading' }, words.output.heading),
  );
  const loading = el('p', { role: 'status' }, words.share.loading);
  const program = el('section', {
    class: 'pane share-program',
    'aria-labelledby': 'program-heading',
  });
  program.append(el('h2', { id: 'program-heading' }, words.share.program), loading);
  const output = el('section', { class: 'pane', 'aria-labelledby': 'output-heading' }, status);
  root.classList.add('share');
  root.append(
    el(
      'header',
      { class: 'page-head' },
      el('div', { class: 'brand' }, el('h1', {}, words.title), el('p', {}, words.share.title)),
      home,
    ),
    el('main', { class: 'panes' }, program, output),
  );
  return {
    program,
    output,
    status,
    show(submission, expiresAt, actions) {
      const source = el('pre', {
        class: 'share-source',
        tabindex: '0',
        role: 'region',
        'aria-label': words.share.programLabel,
      });
      const text = document.createTextNode(submission.source);
      source.append(text);
      if (actions) tools.append(...buttonsOf(actions));
      loading.replaceWith(
        el('p', { class: 'hint' }, words.share.warning, ' ', words.share.until(expiresAt)),
        tools,
        source,
        ...describeArguments(submission),
        ...describeFiles(submission),
        ...describeInput(submission),
      );
      return {
        revealLine: (line) => {
          selectLine(source, text, line);
        },
      };
    },
  };
}

export function drawProblem(page: SharePage, problem: Problem, again: () => void): void {
  const button = el('button', { type: 'button', class: 'tool' }, words.share.again);
  button.addEventListener('click', again);
  const detail = problem.detail === null ? null : el('p', {}, problem.detail);
  page.program.replaceChildren(
    el('div', { class: 'problem', role: 'alert' }, el('h2', {}, problem.title), detail),
    el('p', { class: 'tools' }, button),
  );
  page.output.remove();
}

function buttonsOf({ onRun, onEdit }: ShareActions): HTMLElement[] {
  const run = el('button', { type: 'button', class: 'tool' }, words.share.runAgain);
  const edit = el('button', { type: 'button', class: 'tool' }, words.share.edit);
  run.addEventListener('click', onRun);
  edit.addEventListener('click', onEdit);
  return [run, edit, el('span', { class: 'hint' }, words.share.editHint)];
}

const describeFiles = ({ files = [] }: Submission): HTMLElement[] =>
  files.length === 0
    ? []
    : [
        el('h3', {}, words.share.files),
        el(
          'ul',
          { class: 'share-args' },
          ...files.map(({ path }) => el('li', {}, el('code', {}, path))),
        ),
      ];

const describeArguments = ({ args = [] }: Submission): HTMLElement[] =>
  args.length === 0
    ? []
    : [
        el('h3', {}, words.share.args),
        el(
          'ol',
          { class: 'share-args' },
          ...args.map((text) => el('li', {}, el('code', {}, text))),
        ),
      ];

const describeInput = ({ stdin }: Submission): HTMLElement[] =>
  stdin === ''
    ? []
    : [
        el('h3', {}, words.share.input),
        el(
          'pre',
          { class: 'share-source', tabindex: '0', role: 'region', 'aria-label': words.share.input },
          stdin,
        ),
      ];

/** Selects the line and shows it. */
function selectLine(box: HTMLElement, text: Text, line: number): void {
  let start = 0;
  for (let at = 1; at < line; at += 1) {
    const feed = text.data.indexOf('\n', start);
    if (feed < 0) return;
    start = feed + 1;
  }
  const feed = text.data.indexOf('\n', start);
  const range = document.createRange();
  range.setStart(text, start);
  range.setEnd(text, feed < 0 ? text.data.length : feed);
  const selection = document.getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
  const { top } = range.getBoundingClientRect();
  box.scrollTop += top - box.getBoundingClientRect().top - box.clientHeight / 2;
  box.focus();
}
