// The files that a run is given beside its program: chosen or dropped, listed, looked into, removed.
import {
  addFiles,
  aRunFile,
  bytesOf,
  faultOf,
  isModule,
  previewOf,
  usualFileBounds,
  type FileBounds,
  type RunFile,
} from '../domain/files';
import { formatBytes } from '../domain/format';
import type { Problem } from '../domain/run';
import { words } from '../words';
import { el, setOptionalText, setText } from './dom';
import './files.css';

export interface FilesForm {
  readonly root: HTMLElement;
  value(): readonly RunFile[];
  set(files: readonly RunFile[]): void;
  /** Reads files of this computer and adds them; says what cannot be added. */
  add(chosen: readonly File[]): Promise<void>;
  showBounds(bounds: FileBounds): void;
  /** Shows what the server found wrong. */
  showErrors(problem: Problem | null): void;
}

const previewLength = 2_000;

export function mountFiles(initial: readonly RunFile[], onChange: () => void): FilesForm {
  let files = initial;
  let bounds = usualFileBounds;
  const picker = el('input', {
    type: 'file',
    id: 'files',
    multiple: true,
    class: 'visually-hidden',
    tabindex: '-1',
  });
  const button = el('button', { type: 'button', class: 'tool' }, words.files.add);
  const hint = el('span', { class: 'hint' });
  const error = el('p', { class: 'field-error', role: 'alert', hidden: true });
  const list = el('ul', { class: 'files' });
  const said = el('span', { class: 'visually-hidden', role: 'status' });
  const summary = el('summary', {}, words.files.heading);
  const root = el(
    'details',
    { class: 'fold' },
    summary,
    el('div', { class: 'tools' }, button, picker, ' ', hint),
    error,
    list,
    said,
  );

  const change = (next: readonly RunFile[]) => {
    files = next;
    show();
    onChange();
  };
  const remove = (file: RunFile) => {
    change(files.filter((other) => other !== file));
    setText(said, words.files.removed(file.path));
    button.focus();
  };
  const row = (file: RunFile): HTMLElement => {
    const removeButton = el(
      'button',
      { type: 'button', class: 'tool', 'aria-label': words.files.remove(file.path) },
      words.files.removeShort,
    );
    removeButton.addEventListener('click', () => {
      remove(file);
    });
    const preview = el('details', { class: 'file' });
    const facts = [
      formatBytes(file.bytes),
      isModule(file.path) ? words.files.module(file.path) : null,
    ];
    preview.append(
      el(
        'summary',
        {},
        el('span', { class: 'path' }, file.path),
        ' ',
        el('span', { class: 'hint' }, facts.filter((fact) => fact !== null).join(', ')),
      ),
    );
    preview.addEventListener(
      'toggle',
      () => {
        const text = previewOf(file, previewLength);
        preview.append(
          text === null
            ? el('p', { class: 'hint' }, words.files.noText)
            : el('pre', { tabindex: '0', 'aria-label': words.files.preview(file.path) }, text),
        );
        if (text?.length === previewLength)
          preview.append(el('p', { class: 'hint' }, words.files.cut));
      },
      { once: true },
    );
    return el('li', {}, preview, removeButton);
  };
  const show = () => {
    list.replaceChildren(...files.map(row));
    setText(
      summary,
      files.length > 0 ? words.files.count(files.length, bytesOf(files)) : words.files.heading,
    );
    setText(hint, words.files.most(bounds.count, bounds.bytes));
    if (files.length > 0) root.open = true;
  };
  show();

  const add = async (chosen: readonly File[]) => {
    if (chosen.length === 0) return;
    setOptionalText(error, null);
    // Looked at before it is read: a file may be larger than memory.
    const size = chosen.reduce((sum, file) => sum + file.size, 0);
    root.open = true;
    if (size > bounds.bytes) {
      setOptionalText(error, words.files.tooLarge(bounds.bytes));
      return;
    }
    let read: RunFile[];
    try {
      read = await Promise.all(
        chosen.map(async (file) => aRunFile(file.name, new Uint8Array(await file.arrayBuffer()))),
      );
    } catch {
      setOptionalText(error, words.files.unreadable); // such as a folder, or one that was deleted
      return;
    }
    const next = addFiles(files, read);
    const fault = faultOf(next, bounds);
    if (fault) {
      setOptionalText(
        error,
        fault === 'too_many'
          ? words.files.tooMany(bounds.count)
          : words.files.tooLarge(bounds.bytes),
      );
      return;
    }
    change(next);
    setText(said, words.files.added(read.length));
  };
  button.addEventListener('click', () => {
    picker.click();
  });
  picker.addEventListener('change', () => {
    void add([...(picker.files ?? [])]);
    picker.value = ''; // so that the same file can be chosen again
  });

  return {
    root,
    value: () => files,
    set(next) {
      files = next;
      show();
    },
    add,
    showBounds(next) {
      bounds = next;
      show();
    },
    showErrors(problem) {
      const found = problem?.errors.filter(({ pointer }) => isOfFiles(pointer)) ?? [];
      setOptionalText(
        error,
        found.length > 0 ? found.map((fault) => sentenceOf(files, fault)).join(' ') : null,
      );
      if (found.length > 0) root.open = true;
    },
  };
}

export const isOfFiles = (pointer: string): boolean => /^\/files(?:\/|$)/.test(pointer);

function sentenceOf(
  files: readonly RunFile[],
  { pointer, detail }: Problem['errors'][number],
): string {
  const index = /^\/files\/(\d+)/.exec(pointer)?.[1];
  const file = index === undefined ? undefined : files[Number(index)];
  return words.files.wrong(file?.path ?? null, detail);
}
