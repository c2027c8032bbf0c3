// Why a run was not accepted, as far as it is not told at a field.
import type { Problem } from '../domain/run';
import type { Store } from '../state/store';
import { words } from '../words';
import { el } from './dom';
import { shownFields } from './program';
import './problem.css';

export function mountProblem(root: HTMLElement, store: Store): () => void {
  const box = el('div', { class: 'problem', role: 'alert' });
  root.append(box);
  return store.subscribe(({ phase }) => {
    const content =
      phase.kind === 'refused'
        ? describe(phase.problem)
        : phase.kind === 'unreachable'
          ? describeUnreachable()
          : [];
    box.hidden = content.length === 0;
    if (box.childElementCount > 0 || content.length > 0) box.replaceChildren(...content);
  });
}

function describe(problem: Problem): HTMLElement[] {
  const elsewhere = problem.errors.filter((error) => !shownFields.includes(error.pointer));
  return [
    el('h3', {}, problem.title),
    ...(problem.detail ? [el('p', {}, problem.detail)] : []),
    ...(elsewhere.length > 0
      ? [
          el(
            'ul',
            {},
            ...elsewhere.map(({ pointer, detail }) =>
              el(
                'li',
                {},
                pointer ? `${pointer.slice(1).replaceAll('/', '.')}: ${detail}` : detail,
              ),
            ),
          ),
        ]
      : []),
    ...(problem.request_id
      ? [el('p', { class: 'hint' }, words.problem.requestId(problem.request_id))]
      : []),
  ];
}

function describeUnreachable(): HTMLElement[] {
  return [
    el('h3', {}, words.problem.unreachableHeading),
    el('p', {}, navigator.onLine ? words.problem.unreachable : words.problem.offline),
  ];
}
