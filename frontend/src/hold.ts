// Whether another tab shows the same draft. The lock of a tab goes with the tab, however it ends.

/**
 * Holds the draft for this tab instead of the one before; false when another tab holds it. Without Web Locks
 * (a site without HTTPS) nobody knows.
 */
export type Hold = (draftId: string) => Promise<boolean>;

/** A page that is reloaded may have to wait for its former self to let go. */
const patienceMs = 1_000;

export function createHold(locks: LockManager | undefined): Hold {
  let letGo = new AbortController();
  return (draftId) => {
    letGo.abort();
    letGo = new AbortController();
    const { signal } = letGo;
    if (!locks) return Promise.resolve(true);
    const waiting = new AbortController();
    const giveUp = () => {
      waiting.abort();
    };
    setTimeout(giveUp, patienceMs);
    signal.addEventListener('abort', giveUp);
    return new Promise((resolve) => {
      const hold = async () => {
        resolve(true);
        if (signal.aborted) return;
        await new Promise((release) => {
          signal.addEventListener('abort', release);
        });
      };
      locks.request(`oneshot.draft.${draftId}`, { signal: waiting.signal }, hold).catch(() => {
        // Let go of before it was held: nobody waits for an answer.
        resolve(signal.aborted);
      });
    });
  };
}
