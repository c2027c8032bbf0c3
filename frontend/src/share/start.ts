// The page of a share: a program and its result, to be read. Nothing of the visitor's own is touched.
import { createClient } from '../api/client';
import { fromSubmission, type Draft } from '../domain/draft';
import { someScratch } from '../domain/options';
import { OutputLog } from '../domain/output-log';
import { shareAddress, headlineOf } from '../domain/share';
import { createStore } from '../state/store';
import { mountOutput } from '../ui/output';
import { mountOutputFiles } from '../ui/output-files';
import { wrapSetting } from '../ui/output-tools';
import { drawProblem, mountSharePage, type ShareActions } from '../ui/share-page';
import { mountStatus } from '../ui/status';
import { words } from '../words';
import { loadShare } from './load';

/** What becomes of the program when it is to be run or changed; absent where it can only be read. */
export type OpenProgram = (name: string, draft: Draft, isRun: boolean) => void;

export async function startShare(
  root: HTMLElement,
  id: string,
  onOpen: OpenProgram | null,
): Promise<void> {
  const client = createClient();
  const output = new OutputLog();
  const page = mountSharePage(root, onOpen === null ? id : null);
  document.title = `${words.share.title} - ${words.title}`;

  const [loading, answer] = await Promise.all([
    loadShare(client, id, output),
    client.getEnvironment(),
  ]);
  if (loading.kind === 'failed') {
    drawProblem(page, loading.problem, () => {
      root.replaceChildren();
      void startShare(root, id, onOpen);
    });
    return;
  }
  const { share } = loading;
  const bounds = answer.kind === 'ok' ? answer.value.limits : null;
  const draft = fromSubmission(share.submission, bounds?.defaults ?? null);
  const name = headlineOf(draft.source) ?? words.share.title;
  const open = (isRun: boolean, scratch_mib?: number) => {
    const limits = { ...draft.options.limits, ...(scratch_mib && { scratch_mib }) };
    onOpen?.(name, { ...draft, options: { ...draft.options, limits } }, isRun);
  };
  const actions: ShareActions | null = onOpen && {
    onRun: () => {
      open(true);
    },
    onEdit: () => {
      open(false);
    },
  };
  const program = page.show(share.submission, share.expiresAt, actions);

  const store = createStore();
  const at = performance.now();
  if (bounds) store.dispatch({ type: 'bounds_read', bounds });
  store.dispatch({ type: 'run_accepted', run: share.run, at });
  store.dispatch({ type: 'run_ended', run: share.run });
  mountStatus(page.status, store, output, () => at);
  mountOutput(page.output, store, output, {
    address: shareAddress(id),
    onGoToLine: program.revealLine,
    onRunWithScratch:
      onOpen &&
      (() => {
        open(true, someScratch(bounds));
      }),
    loadTable: async (url) => {
      const table = await client.getTable(url);
      return table.kind === 'ok' ? table.value : null;
    },
    wraps: wrapSetting(null),
  });
  mountOutputFiles(page.output, store);
}
