// Mounts the editor. A plain text box is there at once; CodeMirror takes its place when its chunk has
// arrived, keeping text, cursor and focus. Without it the box stays usable.
import type { EditorOptions, MountEditor, ProgramEditor, Selection } from './editor';
import { mountPlain } from './plain';

/** Enough for the first paint of a slow device, which not every browser reports. */
const paintedMs = 1_000;

/** To evaluate CodeMirror takes longer than everything else before the page can be seen. */
const isPainted = (): Promise<void> =>
  new Promise((resolve) => {
    const painted = new PerformanceObserver(() => {
      painted.disconnect();
      resolve();
    });
    painted.observe({ type: 'paint', buffered: true });
    setTimeout(resolve, paintedMs);
  });

const loadCodeMirror = (): Promise<MountEditor> =>
  isPainted()
    .then(() => import('./codemirror'))
    .then((module) => module.mountCodeMirror);

export function mountEditor(
  parent: HTMLElement,
  options: EditorOptions,
  load: () => Promise<MountEditor> = loadCodeMirror,
): ProgramEditor {
  let mount: MountEditor = mountPlain;
  let current = mountPlain(parent, options);
  let isInvalid = false;
  let isDisposed = false;

  const show = (text: string, selection: Selection) => {
    const former = current;
    const hadFocus = former.hasFocus();
    current = mount(parent, { ...options, text });
    former.dispose();
    current.select(selection);
    current.markInvalid(isInvalid);
    if (hadFocus) current.focus();
  };
  load().then(
    (loaded) => {
      if (isDisposed) return;
      mount = loaded;
      show(current.text(), current.selection());
    },
    (error: unknown) => {
      console.warn('the editor could not be loaded, the plain text box stays', error);
    },
  );

  return {
    open: (text, selection = { from: 0, to: 0 }) => {
      show(text, selection);
    },
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
