// Programs from and to the disk. One that is dropped on the editor is taken by program.ts.
import { words } from '../words';
import { el } from './dom';

export interface ProgramFileOptions {
  onProgram(file: File): void;
  onSave(): void;
}

export interface ProgramFile {
  /** Lets the person choose a file. */
  choose(): void;
}

export function mountProgramFile(root: HTMLElement, options: ProgramFileOptions): ProgramFile {
  const input = el('input', { type: 'file', accept: '.py,.pyw,text/x-python', hidden: true });
  const open = el('button', { type: 'button', class: 'tool' }, words.programFile.open);
  const save = el('button', { type: 'button', class: 'tool' }, words.programFile.save);
  root.append(open, save, input);

  const choose = () => {
    input.click();
  };
  open.addEventListener('click', choose);
  save.addEventListener('click', () => {
    options.onSave();
  });
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    // The same file may be chosen again.
    input.value = '';
    if (file) options.onProgram(file);
  });
  return { choose };
}
