// Programs to begin with. The one that was in the editor is kept: undo brings it back, and so does the first entry of the list,
// with its input and options.
import type { Draft } from '../domain/draft';
import { exampleNames, type ExampleName } from '../domain/examples';
import { words } from '../words';
import { closeButton, createFrame } from './dialog';
import { el } from './dom';
import './examples.css';

export interface ExampleActions {
  readonly load: (name: ExampleName) => Promise<Draft>;
  readonly current: () => Draft;
  readonly show: (draft: Draft) => void;
  readonly notify: (text: string) => void;
}

/** The button goes in front of the tools, the dialog into the page. */
export function mountExamples(
  tools: HTMLElement,
  page: HTMLElement,
  actions: ExampleActions,
): void {
  const open = el('button', { type: 'button', 'aria-haspopup': 'dialog' }, words.examples.open);
  const close = closeButton();
  const list = el('ul', { class: 'example-list' });
  const dialog = createFrame(
    { class: 'examples', 'aria-labelledby': 'examples-heading' },
    close,
    el('h2', { id: 'examples-heading' }, words.examples.heading),
    el('p', { class: 'hint' }, words.examples.hint),
    list,
    close,
  );

  /** What was in the editor before the first example. */
  let own: Draft | null = null;
  /** The example that was shown last. */
  let shown: Draft | null = null;

  const choose = async (name: ExampleName) => {
    try {
      const draft = await actions.load(name);
      const current = actions.current();
      if (current.source !== shown?.source) own = current;
      shown = draft;
      actions.show(draft);
      actions.notify(words.examples.loaded);
    } catch {
      actions.notify(words.examples.unavailable);
    }
    dialog.close();
  };
  const entry = (title: string, about: string, action: () => void) => {
    const button = el('button', { type: 'button' }, el('strong', {}, title), el('span', {}, about));
    button.addEventListener('click', action);
    return el('li', {}, button);
  };
  const back = entry(words.examples.back, words.examples.backAbout, () => {
    if (own) actions.show(own);
    own = null;
    shown = null;
    dialog.close();
  });
  list.append(
    back,
    ...exampleNames.map((name) => {
      const [title, about] = words.examples.list[name];
      return entry(title, about, () => void choose(name));
    }),
  );

  open.addEventListener('click', () => {
    back.hidden = own === null;
    dialog.showModal();
  });
  tools.prepend(open);
  page.append(dialog);
}
