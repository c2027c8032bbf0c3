// A text box as the editor, until CodeMirror has been loaded and where it cannot be.
import type { Editor, EditorOptions } from './editor';

export function mountPlain(parent: HTMLElement, options: EditorOptions): Editor {
  const box = document.createElement('textarea');
  box.className = 'plain-editor';
  box.value = options.text;
  box.setSelectionRange(0, 0);
  box.spellcheck = false;
  box.autocapitalize = 'off';
  box.setAttribute('autocomplete', 'off');
  box.setAttribute('autocorrect', 'off');
  box.setAttribute('aria-label', options.label);
  box.setAttribute('aria-describedby', options.describedBy);
  box.addEventListener('input', () => {
    options.onChange();
  });
  parent.append(box);

  return {
    text: () => box.value,
    selection: () => ({ from: box.selectionStart, to: box.selectionEnd }),
    hasFocus: () => document.activeElement === box,
    focus: () => {
      box.focus();
    },
    replace(text) {
      box.value = text;
      box.setSelectionRange(0, 0);
      options.onChange();
    },
    select: ({ from, to }) => {
      box.setSelectionRange(from, to);
    },
    // What has become of a line is not known here.
    rememberRun: () => undefined,
    revealLine(line) {
      const lines = box.value.split('\n');
      const index = Math.min(Math.max(line, 1), lines.length) - 1;
      const from = lines.slice(0, index).reduce((sum, text) => sum + text.length + 1, 0);
      box.focus();
      box.setSelectionRange(from, from + (lines[index]?.length ?? 0));
    },
    markInvalid(isInvalid) {
      box.setAttribute('aria-invalid', String(isInvalid));
    },
    format: () => Promise.resolve('unavailable'),
    dispose() {
      box.remove();
    },
  };
}
