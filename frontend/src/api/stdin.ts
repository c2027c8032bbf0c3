// Sends a run what a person types, each piece once: a piece keeps its number when it is sent again.
import type { Answer, Client } from './client';

export interface StdinSender {
  /** The next piece for this run is its first one. */
  begin(runId: string): void;
  /** `text` null ends the input. */
  send(runId: string, text: string | null): Promise<Answer<number>>;
}

const mostTries = 4;
const pauseMs = 500;

export function createStdinSender(
  client: Pick<Client, 'sendStdin'>,
  later: (action: () => void, milliseconds: number) => void,
): StdinSender {
  let run: string | null = null;
  // Null while it is not known, as after a reload.
  let next: number | null = null;
  const pause = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      later(resolve, milliseconds);
    });

  return {
    begin(runId) {
      [run, next] = [runId, 0];
    },
    async send(runId, text) {
      if (run !== runId) [run, next] = [runId, null];
      let answer = await client.sendStdin(runId, text, next);
      for (let tries = 1; answer.kind !== 'ok' && tries < mostTries; tries += 1) {
        if (answer.kind === 'refused') {
          // Another page has sent something to this run.
          if (answer.problem.code !== 'stdin_out_of_order' || next === null) break;
          next = null;
        } else if (answer.kind !== 'busy' && next === null) {
          break; // without a number it might arrive twice
        } else {
          await pause(pauseMs * tries);
        }
        answer = await client.sendStdin(runId, text, next);
      }
      if (answer.kind === 'ok') next = answer.value;
      return answer;
    },
  };
}
