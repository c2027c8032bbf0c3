// The link of a run, which is also the address of the page that shows it: `/#run=ID`. Servers, caches and logs
// never see what comes after the #.
import type { Shelf } from './storage';

export const runIn = (hash: string): string | null =>
  /^#run=(\w{1,40})$/.exec(hash)?.[1]?.toLowerCase() ?? null;

export interface RunMemory {
  /** The run that this tab shows, or showed before it was reloaded. */
  last(): string | null;
  /** The run that the address names, unless this tab has left it since. */
  linked(): string | null;
  readonly remember: (runId: string | null) => void;
}

const key = 'oneshot.run';
/** The run that the address still names although the tab shows another one, or none. */
const leftKey = 'oneshot.run.left';
/** A browser does a lot for a new address (it even loads the icon again), and a short run is over by then. */
const addressDelayMs = 500;

export function createRunMemory(
  tab: Shelf,
  later: (action: () => void, milliseconds: number) => unknown,
): RunMemory {
  let changes = 0;
  return {
    last: () => tab.read(key),
    linked() {
      const named = runIn(location.hash);
      return named === tab.read(leftKey) ? null : named;
    },
    remember(runId) {
      changes += 1;
      const change = changes;
      const named = runIn(location.hash);
      tab.write(key, runId);
      tab.write(leftKey, named === runId ? null : named);
      if (named === runId) return;
      later(() => {
        if (change !== changes) return;
        const { pathname, search } = location;
        history.replaceState(null, '', runId === null ? pathname + search : `#run=${runId}`);
        tab.write(leftKey, null);
      }, addressDelayMs);
    },
  };
}
