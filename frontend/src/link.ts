// The link of a run, which is also the address of the page that shows it: `/#run=ID`. Servers, caches and logs
// never see what comes after the #.
import type { Shelf } from './storage';

export const runIn = (hash: string): string | null =>
  /^#run=(\w{1,40})$/.exec(hash)?.[1]?.toLowerCase() ?? null;

export interface RunMemory {
  /** The run that this tab showed before it was reloaded. */
  last(): string | null;
  readonly remember: (runId: string | null) => void;
}

const key = 'oneshot.run';

export function createRunMemory(tab: Shelf): RunMemory {
  return {
    last: () => tab.read(key),
    remember(runId) {
      tab.write(key, runId);
      // A link to something else stays.
      if (runId === null && runIn(location.hash) === null) return;
      const { pathname, search } = location;
      history.replaceState(null, '', runId === null ? pathname + search : `#run=${runId}`);
    },
  };
}
