// What the installation has and what a run may do there, in a dialog.
import { findPackages, type Environment } from '../domain/environment';
import { limitNames } from '../domain/options';
import { words } from '../words';
import { createDialog } from './dialog';
import { el, loadFailure, setText } from './dom';
import './environment.css';

/** Null when it cannot be had now. */
export type LoadEnvironment = () => Promise<Environment | null>;

const told = words.environment;

/** Returns what opens it. */
export function mountEnvironment(root: HTMLElement, load: LoadEnvironment): () => void {
  const open = el(
    'button',
    { type: 'button', class: 'tool', 'aria-haspopup': 'dialog' },
    told.open,
  );
  const content = el('div');
  const dialog = createDialog('environment', told.open, content);
  root.append(open, dialog);

  let isKnown = false;
  const show = async () => {
    if (isKnown) return;
    content.replaceChildren(el('p', { role: 'status' }, told.loading));
    const environment = await load();
    isKnown = environment !== null;
    content.replaceChildren(
      ...(environment ? draw(environment) : [loadFailure(() => void show())]),
    );
  };
  const openDialog = () => {
    dialog.showModal();
    void show();
  };
  open.addEventListener('click', openDialog);
  return openDialog;
}

function draw(environment: Environment): HTMLElement[] {
  return [
    el('p', {}, told.sandbox),
    el('ul', {}, ...told.rules(environment.limits).map((rule) => el('li', {}, rule))),
    el('h3', {}, told.limitsHeading),
    drawLimits(environment),
    el('h3', {}, told.python(environment.python)),
    ...drawPackages(environment),
    el('h3', {}, told.apiHeading),
    el(
      'p',
      {},
      el('a', { href: '/api/openapi.json', target: '_blank', rel: 'noopener' }, told.api),
    ),
  ];
}

function drawLimits({ limits: { defaults, maxima } }: Environment): HTMLElement {
  const row = (name: keyof typeof defaults) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, told.limits[name]),
      el('td', {}, told.value(name, defaults[name])),
      el('td', {}, told.value(name, maxima[name])),
    );
  const heads = told.columns.map((text) => el('th', { scope: 'col' }, text));
  return el(
    'table',
    {},
    el('thead', {}, el('tr', {}, ...heads)),
    el('tbody', {}, ...limitNames.map(row)),
  );
}

function drawPackages(environment: Environment): HTMLElement[] {
  const field = el('input', {
    class: 'field',
    type: 'text',
    id: 'package',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
  });
  const count = el('span', { role: 'status', class: 'hint' });
  const list = el('ul', { class: 'packages' });
  const find = () => {
    const found = findPackages(environment, field.value);
    setText(count, told.found(found.length, environment.packages.length));
    list.replaceChildren(
      ...found.map(({ name, version }) => el('li', {}, name, ' ', el('span', {}, version))),
    );
  };
  field.addEventListener('input', find);
  find();
  const label = el('label', { for: 'package' }, told.search);
  return [el('p', { class: 'package-search' }, label, ' ', field, ' ', count), list];
}
