// Connects the program on the page with the drafts that the browser keeps, other tabs and files.
import { aDraft, isSameDraft, type Draft, type NamedDraft } from './domain/draft';
import { defaultName, fileNameOf } from './domain/draft-name';
import { decodeProgram, mostProgramBytes } from './domain/program-file';
import type { Drafts, StoredChange } from './drafts';
import type { Hold } from './hold';
import type { Store } from './state/store';
import { saveFile } from './ui/dom';
import { mountDrafts } from './ui/drafts';
import { mountProgramFile } from './ui/program-file';
import type { Program } from './ui/program';
import { words } from './words';

export interface DraftKeeper {
  saveSoon(): void;
  /** False when it is kept for this tab only. */
  save(): boolean;
  openFile(file: File): void;
  /** Opens the program as a draft of its own, unless it is open already. */
  openProgram(name: string, draft: Draft): void;
  chooseFile(): void;
  saveAsFile(): void;
}

export interface DraftParts {
  readonly store: Store;
  readonly drafts: Drafts;
  readonly program: Program;
  readonly hold: Hold;
  /** Where the buttons go. */
  readonly tools: HTMLElement;
}

/** Long enough not to write at every key, short enough to lose hardly anything. */
const saveDelayMs = 400;

export function keepDrafts(parts: DraftParts): DraftKeeper {
  const { store, drafts, program, hold } = parts;
  const tell = (text: string) => {
    store.dispatch({ type: 'notice_shown', text });
  };
  let saving: ReturnType<typeof setTimeout> | undefined;
  let hasWarned = false;

  const save = (): boolean => {
    clearTimeout(saving);
    saving = undefined;
    const saved = drafts.save(program.draft());
    if (saved === 'parted') tellParted();
    if (saved === 'fleeting' && !hasWarned) {
      hasWarned = true;
      tell(words.savedUntilClose);
    }
    return saved !== 'fleeting';
  };
  const saveSoon = () => {
    clearTimeout(saving);
    saving = setTimeout(save, saveDelayMs);
  };
  const tellParted = () => {
    view.update();
    void hold(drafts.current().id);
    tell(words.drafts.parted(drafts.current().name));
  };

  const show = () => {
    program.open(drafts.current());
    view.update();
  };
  const begin = (name: string, draft: Draft) => {
    save();
    drafts.begin(name, draft);
    show();
    void hold(drafts.current().id);
  };
  const open = async (draft: NamedDraft) => {
    save();
    drafts.open(draft);
    show();
    const isAlone = await hold(draft.id);
    if (!isAlone) tell(words.drafts.shared(draft.name));
  };
  const openFile = async (file: File) => {
    const isTooLarge = file.size > mostProgramBytes;
    const read = isTooLarge ? null : decodeProgram(new Uint8Array(await file.arrayBuffer()));
    if (read?.kind === 'text') begin(file.name, aDraft(read.text));
    else tell(words.programFile[read?.kind ?? 'too_large'](file.name));
  };

  const view = mountDrafts(parts.tools, {
    current: () => drafts.current(),
    list() {
      save();
      return drafts.list();
    },
    onNew() {
      begin(defaultName, aDraft(''));
      program.editor.focus();
    },
    onOpen: (draft) => void open(draft),
    onRename(draft, name) {
      drafts.rename(draft.id, name);
      view.update();
    },
    onRemove({ id }) {
      drafts.remove(id);
      if (id !== drafts.current().id) return;
      const next = drafts.list().find((draft) => draft.id !== id);
      if (next) drafts.open(next);
      else drafts.begin(defaultName, aDraft(''));
      show();
      void hold(drafts.current().id);
    },
    onRestore(draft) {
      drafts.restore(draft);
    },
  });
  const saveAsFile = () => {
    const isKept = save();
    const name = fileNameOf(drafts.current().name);
    saveFile(name, program.draft().source, 'text/x-python');
    tell(isKept ? words.programFile.saved(name) : words.programFile.savedOnly(name));
  };
  const files = mountProgramFile(parts.tools, {
    onProgram: (file) => void openFile(file),
    onSave: saveAsFile,
  });

  const heed = (heard: ReturnType<Drafts['catchUp']>) => {
    if (heard === 'parted') tellParted();
    if (heard !== 'followed') return;
    const draft = drafts.current();
    // A new name alone changes nothing in the editor.
    if (!isSameDraft(draft, program.draft())) program.follow(draft);
    view.update();
  };
  window.addEventListener('storage', (change: StoredChange) => {
    heed(drafts.hearOf(change, program.draft()));
  });
  document.addEventListener('visibilitychange', () => {
    // The last event before a page is hidden, closed or discarded.
    if (document.visibilityState === 'hidden') {
      if (saving !== undefined) save();
    } else heed(drafts.catchUp(program.draft()));
  });
  void hold(drafts.current().id).then((isAlone) => {
    if (isAlone) return;
    drafts.part(program.draft());
    view.update();
    void hold(drafts.current().id);
    tell(words.drafts.copied(drafts.current().name));
  });

  return {
    saveSoon,
    save,
    openFile: (file) => void openFile(file),
    openProgram(name, draft) {
      // Files are not compared, so they may be others.
      if (!isSameDraft(draft, program.draft()) || draft.files.length > 0) begin(name, draft);
    },
    chooseFile: () => {
      files.choose();
    },
    saveAsFile,
  };
}
