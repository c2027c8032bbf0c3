// Puts the parts of the page together and connects what the user does with what happens.
import { createClient } from './api/client';
import { openRunStream } from './api/stream';
import { toSubmission, type Draft } from './domain/draft';
import { someScratchMib } from './domain/options';
import { OutputLog } from './domain/output-log';
import { createCommands } from './effects';
import { example } from './example';
import { isBusy } from './state/reduce';
import { createStore } from './state/store';
import { ownShares } from './share/own';
import { createOwnShares } from './shares';
import { createDrafts, storageOf } from './storage';
import { mountHelp } from './ui/help';
import { mountToast } from './ui/toast';
import { mountOutput } from './ui/output';
import { mountPage } from './ui/page';
import { mountProblem } from './ui/problem';
import { mountPrompt } from './ui/prompt';
import { mountProgram } from './ui/program';
import { mountShare } from './ui/share';
import { bindShortcuts, describeShortcuts } from './ui/shortcuts';
import { mountStatus } from './ui/status';
import { mountToolbar } from './ui/toolbar';
import { words } from './words';

/** Long enough not to write at every key, short enough to lose hardly anything. */
const saveDelayMs = 400;

/** On a narrow screen the output may be out of sight, and a run without a visible effect looks dead. */
function bringIntoView(element: HTMLElement): void {
  const { top, bottom } = element.getBoundingClientRect();
  if (top >= 0 && bottom < window.innerHeight * 0.8) return;
  const isCalm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  element.scrollIntoView({ behavior: isCalm ? 'auto' : 'smooth' });
}

/** Within what a run may ask for, in steps that nobody sees. */
const pixelsPerPixel = (): number =>
  Math.round(10 * Math.min(3, Math.max(1, window.devicePixelRatio))) / 10;

/** Somebody else's program, which is to be changed or run. */
export interface Opened {
  readonly name: string;
  readonly draft: Draft;
  readonly isRun: boolean;
}

export function startApp(root: HTMLElement, opened: Opened | null = null): void {
  const store = createStore();
  const output = new OutputLog();
  const browser = storageOf('localStorage');
  // What was opened does not take the place of the person's own program: only this tab keeps it.
  const drafts = createDrafts(storageOf('sessionStorage'), opened ? null : browser);
  const client = createClient();
  const now = () => performance.now();
  const commands = createCommands({
    store,
    output,
    now,
    client,
    openStream: openRunStream,
    remember: drafts.rememberRun,
    // crypto.randomUUID() is missing where the site is not reached by HTTPS.
    newKey: () => crypto.getRandomValues(new BigUint64Array(2)).join('-'),
    later: (action, milliseconds) => void setTimeout(action, milliseconds),
  });

  let saving: ReturnType<typeof setTimeout> | undefined;
  const save = (): boolean => {
    clearTimeout(saving);
    saving = undefined;
    return drafts.save(program.draft());
  };
  const saveSoon = () => {
    clearTimeout(saving);
    saving = setTimeout(save, saveDelayMs);
  };
  const actions = {
    onRun: () => {
      save();
      if (!isBusy(store.get().phase)) program.rememberRun();
      commands.run({ ...toSubmission(program.draft()), display: pixelsPerPixel() });
      bringIntoView(page.status);
    },
    onStop: () => {
      commands.stop();
    },
    onSave: () => {
      const text = save() ? words.savedHere : words.savedUntilClose;
      store.dispatch({ type: 'notice_shown', text });
    },
  };

  const shortcuts = describeShortcuts(navigator.platform);
  const page = mountPage(root);
  mountToolbar(page.toolbar, store, { ...actions, shortcuts });
  mountHelp(page.header, shortcuts);
  const program = mountProgram(
    page.program,
    store,
    opened?.draft ?? drafts.load() ?? example,
    saveSoon,
  );
  mountStatus(page.status, store, output, now);
  mountProblem(page.output, store);
  mountOutput(page.output, store, output, {
    onGoToLine: (line) => {
      program.editor.revealLine(line);
    },
    onRunWithScratch: () => {
      const { options } = program.draft();
      const most = store.get().bounds?.maxima.scratch_mib ?? someScratchMib;
      const scratch_mib = Math.min(someScratchMib, most);
      program.setOptions({ ...options, limits: { ...options.limits, scratch_mib } });
      actions.onRun();
    },
    loadTable: async (url) => {
      const answer = await client.getTable(url);
      return answer.kind === 'ok' ? answer.value : null;
    },
  });
  mountPrompt(page.output, store, output, {
    onSend: (line) => commands.send(`${line}\n`),
    onEnd: () => commands.send(null),
  });
  const shares = createOwnShares(browser, Date.now);
  mountShare(
    page.output,
    store,
    ownShares(client, shares, () => program.draft().source),
  );
  mountToast(root, store);
  bindShortcuts(document, actions);
  page.skipToEditor.addEventListener('click', () => {
    program.editor.focus();
  });
  page.skipToOutput.addEventListener('click', () => {
    document.getElementById('output')?.focus();
  });
  // The last event before a page is hidden, closed or discarded.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden' && saving !== undefined) save();
  });

  void client.getBounds().then((answer) => {
    // Without them the fields of the options say less.
    if (answer.kind === 'ok') store.dispatch({ type: 'bounds_read', bounds: answer.value });
  });
  const followed = drafts.rememberedRun();
  if (opened?.isRun) actions.onRun();
  else if (followed && !opened) commands.resume(followed);
}
