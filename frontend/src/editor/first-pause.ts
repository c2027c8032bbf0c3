// Does something once, when writing has paused for the first time: a person who writes has use for what is too large to load
// for everybody.
import type { Extension } from '@codemirror/state';
import { ViewPlugin } from '@codemirror/view';

const pauseMs = 2_000;

interface Connection {
  readonly saveData?: boolean;
  readonly effectiveType?: string;
}

/** Not every browser tells. */
const isFrugal = (): boolean => {
  const { connection } = navigator as { connection?: Connection };
  return connection?.saveData === true || /2g|3g/.test(connection?.effectiveType ?? '');
};

export function atFirstPause(action: () => void): Extension {
  let isDone = false;
  return ViewPlugin.define(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    return {
      update({ docChanged }) {
        if (!docChanged || isDone) return;
        clearTimeout(timer);
        timer = setTimeout(() => {
          isDone = true;
          if (!isFrugal()) action();
        }, pauseMs);
      },
      destroy() {
        clearTimeout(timer);
      },
    };
  });
}
