// Puts the parts of the page together and connects what the user does with what happens.
import { createClient } from './api/client';
import { openRunStream } from './api/stream';
import { parseCodeSize, usualCodeSize } from './domain/code-size';
import { toSubmission, type Draft } from './domain/draft';
import { someScratch } from './domain/options';
import { OutputLog } from './domain/output-log';
import { createSetting } from './domain/setting';
import { createDrafts } from './drafts';
import { createCommands } from './effects';
import { example } from './example';
import { createHistory } from './history';
import { createHold } from './hold';
import { keepDrafts } from './keep-drafts';
import { keepRuns } from './keep-runs';
import { createRunMemory } from './link';
import { isBusy } from './state/reduce';
import { createStore } from './state/store';
import { ownShares } from './share/own';
import { createOwnShares } from './shares';
import { createShelf, storageOf } from './storage';
import { mountCodeSize } from './ui/code-size';
import { mountEditorTools } from './ui/editor-tools';
import { mountEnvironment } from './ui/environment';
import { el } from './ui/dom';
import { mountExamples } from './ui/examples';
import { mountHelp } from './ui/help';
import { mountToast } from './ui/toast';
import { mountOutput } from './ui/output';
import { mountOutputFiles } from './ui/output-files';
import { wrapSetting } from './ui/output-tools';
import { mountPage } from './ui/page';
import { mountProblem } from './ui/problem';
import { mountPrompt } from './ui/prompt';
import { mountProgram } from './ui/program';
import { mountShare } from './ui/share';
import { bindShortcuts, describeShortcuts } from './ui/shortcuts';
import { mountRunId } from './ui/run-id';
import { initialSplit, mountSplitter, parseShare } from './ui/splitter';
import { mountStatus } from './ui/status';
import { mountTheme, parseTheme, type Theme } from './ui/theme';
import { mountToolbar } from './ui/toolbar';
import { words } from './words';

/** What takes longer is told. */
const loadingNoticeMs = 500;

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
  const tab = createShelf(storageOf('sessionStorage'));
  const kept = storageOf('localStorage');
  const browser = createShelf(kept);
  const history = createHistory(browser);
  const later = (action: () => void, milliseconds: number) => void setTimeout(action, milliseconds);
  const memory = createRunMemory(tab, later);
  // crypto.randomUUID() is missing where the site is not reached by HTTPS.
  const newKey = () => crypto.getRandomValues(new BigUint64Array(2)).join('-');
  const drafts = createDrafts({
    tab,
    browser,
    now: Date.now,
    newId: () => crypto.getRandomValues(new Uint32Array(2)).join('_'),
    makeRoom: () => history.makeRoom(),
    example,
  });
  const client = createClient();
  const now = () => performance.now();
  const commands = createCommands({
    store,
    output,
    now,
    client,
    openStream: openRunStream,
    remember: memory.remember,
    newKey,
    later,
  });

  const actions = {
    onRun: () => {
      const isFree = !isBusy(store.get().phase);
      commands.run({ ...toSubmission(program.draft()), display: pixelsPerPixel() });
      // The submission is on its way while the browser stores.
      keptDrafts.save();
      if (isFree) {
        program.rememberRun();
        keptRuns.expect(drafts.current().name);
      }
      bringIntoView(page.status);
    },
    onStop: () => {
      commands.stop();
    },
    onSave: () => {
      keptDrafts.saveAsFile();
    },
    onOpen: () => {
      keptDrafts.chooseFile();
    },
    onFormat: () => void format(),
  };
  const notify = (text: string) => {
    store.dispatch({ type: 'notice_shown', text });
  };
  const format = async () => {
    const loading = setTimeout(() => {
      notify(words.format.loading);
    }, loadingNoticeMs);
    const outcome = await program.editor.format();
    clearTimeout(loading);
    notify(words.format[outcome]);
  };

  const loadEnvironment = async () => {
    const answer = await client.getEnvironment();
    if (answer.kind !== 'ok') return null;
    store.dispatch({ type: 'bounds_read', bounds: answer.value.limits });
    return answer.value;
  };

  const shortcuts = describeShortcuts(navigator.platform);
  const page = mountPage(root);
  mountToolbar(page.toolbar, store, { ...actions, shortcuts });
  mountHelp(page.header, shortcuts, mountEnvironment(page.footer, loadEnvironment));
  mountTheme(page.footer, createSetting<Theme>(kept, 'oneshot.theme', 'system', parseTheme));
  mountSplitter(page.panes, page.program, {
    sideBySide: createSetting<number>(kept, 'oneshot.split', initialSplit.sideBySide, parseShare),
    stacked: createSetting<number>(kept, 'oneshot.stack', initialSplit.stacked, parseShare),
  });
  const program = mountProgram(
    page.program,
    store,
    drafts.current(),
    () => {
      keptDrafts.saveSoon();
    },
    (file) => {
      keptDrafts.openFile(file);
    },
  );
  mountEditorTools(program.editorTools, shortcuts, actions);
  mountExamples(program.editorTools, root, {
    load: async (name) => (await import('./example-drafts')).exampleDraft(name),
    current: program.draft,
    show: program.replace,
    notify,
  });
  mountCodeSize(
    program.editorTools,
    createSetting<number>(
      storageOf('localStorage'),
      'oneshot.code-size',
      usualCodeSize,
      parseCodeSize,
    ),
  );
  mountStatus(page.status, store, output, now);
  mountProblem(page.output, store);
  mountOutput(page.output, store, output, {
    onGoToLine: (line) => {
      program.editor.revealLine(line);
    },
    onRunWithScratch: () => {
      const { options } = program.draft();
      const scratch_mib = someScratch(store.get().bounds);
      program.setOptions({ ...options, limits: { ...options.limits, scratch_mib } });
      actions.onRun();
    },
    loadTable: async (url) => {
      const answer = await client.getTable(url);
      return answer.kind === 'ok' ? answer.value : null;
    },
    wraps: wrapSetting(kept),
  });
  mountPrompt(page.output, store, output, {
    onSend: (line) => commands.send(`${line}\n`),
    onEnd: () => commands.send(null),
  });
  mountOutputFiles(page.output, store);
  const links = el('div', { class: 'run-links' });
  page.output.append(links);
  mountRunId(links, store);
  mountShare(
    links,
    store,
    ownShares(
      client,
      createOwnShares(storageOf('localStorage'), Date.now),
      () => program.draft().source,
    ),
  );
  mountToast(root, store);
  bindShortcuts(document, actions);
  page.skipToEditor.addEventListener('click', () => {
    program.editor.focus();
  });
  page.skipToOutput.addEventListener('click', () => {
    document.getElementById('output')?.focus();
  });
  // Without the bounds the fields of the options say less.
  const bounds = loadEnvironment().then((environment) => environment?.limits ?? null);
  const keptDrafts = keepDrafts({
    store,
    drafts,
    program,
    // Its type says that it is always there; without HTTPS it is not.
    hold: createHold((navigator as Partial<Navigator>).locks),
    tools: program.tools,
  });
  const keptRuns = keepRuns({
    store,
    client,
    commands,
    history,
    memory,
    drafts: keptDrafts,
    program,
    bounds,
    tools: page.outputTools,
    run: actions.onRun,
  });
  keptRuns.start();
  if (!opened) return;
  keptDrafts.openProgram(opened.name, opened.draft);
  if (opened.isRun) actions.onRun();
}
