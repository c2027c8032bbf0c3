// Where a person answers a program that waits for input: below its output, once it has asked or fallen silent.
import type { OutputLog } from '../domain/output-log';
import type { Store } from '../state/store';
import { words } from '../words';
import { el, setOptionalText } from './dom';
import './prompt.css';

export interface PromptActions {
  /** False when it could not be sent, which the caller has told. */
  onSend(line: string): Promise<boolean>;
  onEnd(): Promise<boolean>;
}

/** A program that prints nothing for so long may be waiting; one that prints half a line asks. */
const quietMs = 700;

export function mountPrompt(
  root: HTMLElement,
  store: Store,
  output: OutputLog,
  actions: PromptActions,
): () => void {
  const input = el('input', {
    class: 'field',
    id: 'prompt',
    type: 'text',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    enterkeyhint: 'send',
  });
  const send = el('button', { type: 'submit', class: 'tool' }, words.prompt.send);
  const end = el(
    'button',
    { type: 'button', class: 'tool', title: words.prompt.endHint },
    words.prompt.end,
  );
  const form = el(
    'form',
    { class: 'prompt', hidden: true },
    el('label', { for: 'prompt' }, words.prompt.label),
    input,
    send,
    end,
  );
  const said = el('p', { class: 'visually-hidden', role: 'status' });
  root.append(form, said);

  let timer: ReturnType<typeof setTimeout> | undefined;
  const show = () => {
    if (!form.hidden) return;
    form.hidden = false;
    setOptionalText(said, words.prompt.waits);
    if (mayTakeFocus(root, store.get().isProgramChanged)) input.focus();
  };
  const update = () => {
    clearTimeout(timer);
    const { phase } = store.get();
    const isOpen =
      phase.kind === 'active' && phase.run.status === 'running' && phase.run.stdin_open;
    if (!isOpen) {
      form.hidden = true;
      setOptionalText(said, null);
    } else if (output.endsInLine) {
      show();
    } else {
      timer = setTimeout(show, quietMs);
    }
  };
  const act = async (action: () => Promise<boolean>): Promise<void> => {
    for (const button of [send, end]) button.disabled = true;
    const isDone = await action();
    for (const button of [send, end]) button.disabled = false;
    if (isDone) input.value = '';
    if (!form.hidden) input.focus();
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!send.disabled) void act(() => actions.onSend(input.value));
  });
  end.addEventListener('click', () => {
    void act(async () => {
      // What was typed and not sent comes before the end.
      return (input.value === '' || (await actions.onSend(input.value))) && (await actions.onEnd());
    });
  });
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'd' || !event.ctrlKey) return;
    event.preventDefault(); // as in a terminal
    end.click();
  });
  const unsubscribeStore = store.subscribe(update);
  const unsubscribeOutput = output.subscribe(update);
  return () => {
    clearTimeout(timer);
    unsubscribeStore();
    unsubscribeOutput();
  };
}

/** Whoever writes in the editor or in a field goes on doing so. */
function mayTakeFocus(root: HTMLElement, isProgramChanged: boolean): boolean {
  const { activeElement } = document;
  if (activeElement === null || activeElement === document.body) return true;
  if (root.contains(activeElement) || activeElement instanceof HTMLButtonElement) return true;
  return !isProgramChanged && activeElement.closest('.editor-box') !== null;
}
