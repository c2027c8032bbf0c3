// The files that have come back from the program, below its output. Their names are untrusted, as is what is in
// them: the server sends it as attachments.
import { formatBytes } from '../domain/format';
import { nameOf, tellablePath } from '../domain/output-file';
import type { OutputFile } from '../domain/run';
import type { Store } from '../state/store';
import { words } from '../words';
import { el, setOptionalText } from './dom';
import './files.css';

export function mountOutputFiles(root: HTMLElement, store: Store): () => void {
  const list = el('ul', { class: 'files', 'aria-labelledby': 'output-files' });
  const heading = el('h3', { id: 'output-files' }, words.outputFiles.heading);
  const dropped = el('p', { class: 'remark' });
  const section = el('section', { class: 'output-files', hidden: true }, heading, list, dropped);
  root.append(section);

  let shown: readonly OutputFile[] = [];
  const draw = () => {
    const { phase } = store.get();
    const run = phase.kind === 'ended' ? phase.run : null;
    const files = run?.output_files ?? [];
    const left = run?.dropped_output_files ?? 0;
    section.hidden = files.length === 0 && left === 0;
    setOptionalText(dropped, left > 0 ? words.outputFiles.dropped(left) : null);
    // A link that has the focus keeps it.
    if (files === shown) return;
    shown = files;
    list.replaceChildren(...files.map(row));
  };
  draw();
  return store.subscribe(draw);
}

function row({ path, bytes, url }: OutputFile): HTMLElement {
  const told = tellablePath(path);
  return el(
    'li',
    {},
    el(
      'span',
      { class: 'file' },
      el('bdi', { class: 'path' }, told),
      ' ',
      el('span', { class: 'hint' }, formatBytes(bytes)),
    ),
    el(
      'a',
      {
        class: 'tool',
        href: url,
        download: nameOf(path),
        'aria-label': words.outputFiles.saveNamed(told),
      },
      words.outputFiles.save,
    ),
  );
}
