// Mounts the editor. A plain text box is there at once; CodeMirror takes its place when its chunk has
// arrived, keeping text, cursor and focus. Without it the box stays usable.
import type { Editor, EditorOptions, MountEditor } from './editor';
import { mountPlain } from './plain';

const loadCodeMirror = (): Promise<MountEditor> =>
  import('./codemirror').then((module) => module.mountCodeMirror);

export function mountEditor(
  parent: HTMLElement,
  options: EditorOptions,
  load: () => Promise<MountEditor> = loadCodeMirror,
): Editor {
  let current = mountPlain(parent, options);
  let isInvalid = false;
  let isDisposed = false;

  load().then(
    (mount) => {
      if (isDisposed) return;
      const plain = current;
      const selection = plain.selection();
      const hadFocus = plain.hasFocus();
      current = mount(parent, { ...options, text: plain.text() });
      plain.dispose();
      current.select(selection);
      current.markInvalid(isInvalid);
      if (hadFocus) current.focus();
    },
    (error: unknown) => {
      console.warn('the editor could not be loaded, the plain text box stays', error);
    },
  );

  return {
    text: () => current.text(),
    selection: () => current.selection(),
    hasFocus: () => current.hasFocus(),
    focus: () => {
      current.focus();
    },
    replace: (text) => {
      current.replace(text);
    },
    select: (selection) => {
      current.select(selection);
    },
    rememberRun: () => {
      current.rememberRun();
    },
    revealLine: (line) => {
      current.revealLine(line);
    },
    markInvalid: (value) => {
      isInvalid = value;
      current.markInvalid(value);
    },
    format: () => current.format(),
    dispose: () => {
      isDisposed = true;
      current.dispose();
    },
  };
}
