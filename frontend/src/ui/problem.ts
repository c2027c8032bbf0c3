// Why there is no run to show. Faults of a field on the page are shown at that field instead.
import type { FieldError, Problem } from '../domain/run';
import type { Phase } from '../state/reduce';
import type { Store } from '../state/store';
import { words } from '../words';
import { el } from './dom';
import { hasField } from './program';
import './problem.css';

export function mountProblem(root: HTMLElement, store: Store): () => void {
  const box = el('div', { class: 'problem', role: 'alert' });
  root.append(box);
  return store.subscribe(({ phase }) => {
    const content = describePhase(phase);
    box.hidden = content.length === 0;
    if (box.childElementCount > 0 || content.length > 0) box.replaceChildren(...content);
  });
}

function describePhase(phase: Phase): HTMLElement[] {
  switch (phase.kind) {
    case 'refused':
    case 'lost':
      return [...describeProblem(phase.problem), ...describeRequest(phase.problem)];
    case 'unconfirmed':
      return [
        ...describeProblem(phase.problem),
        ...describeDoubt(),
        ...describeRequest(phase.problem),
      ];
    case 'unreachable':
      return [
        el('h3', {}, words.problem.unreachableHeading),
        el('p', {}, navigator.onLine ? words.problem.unreachable : words.problem.offline),
        ...describeDoubt(),
      ];
    case 'idle':
    case 'submitting':
    case 'seeking':
    case 'busy':
    case 'active':
    case 'ended':
      return [];
  }
}

function describeProblem(problem: Problem): HTMLElement[] {
  const elsewhere = problem.errors.filter((error) => !hasField(error.pointer));
  // The api's detail repeats the errors, with JSON pointers instead of the names of fields.
  const detail = problem.errors.length === 0 ? problem.detail : null;
  return [
    el('h3', {}, problem.title),
    ...(detail ? [el('p', {}, detail)] : []),
    ...(elsewhere.length > 0 ? [el('ul', {}, ...elsewhere.map(describeError))] : []),
  ];
}

/** What the log of the server knows the request by. */
const describeRequest = ({ request_id }: Problem): HTMLElement[] =>
  request_id ? [el('p', { class: 'hint' }, words.problem.requestId(request_id))] : [];

function describeError({ pointer, detail }: FieldError): HTMLElement {
  const field = pointer.slice(1).replaceAll('/', '.');
  return el('li', {}, field ? `${field}: ${detail}` : detail);
}

/** What a person can do when it is not known whether the program runs. */
function describeDoubt(): HTMLElement[] {
  const href = '/api/v1/runs?limit=10';
  const link = el('a', { href, target: '_blank', rel: 'noopener' }, words.problem.newestRuns);
  return [el('p', {}, words.problem.mayBeRunning), el('p', {}, link)];
}
