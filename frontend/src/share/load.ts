// Reads a share from the server: the run, what was submitted, and the output page by page.
import type { Answer, ShareClient } from '../api/client';
import type { OutputLog } from '../domain/output-log';
import { ownProblem, type Problem, type Run, type Submission } from '../domain/run';
import type { OutputPiece } from '../domain/share';
import { words } from '../words';

export interface Loaded {
  readonly run: Run;
  readonly submission: Submission;
  readonly expiresAt: string;
}

export type Loading =
  | { readonly kind: 'loaded'; readonly share: Loaded }
  /** It may be tried again. */
  | { readonly kind: 'failed'; readonly problem: Problem };

export async function loadShare(
  client: ShareClient,
  id: string,
  output: OutputLog,
): Promise<Loading> {
  const [first, submission] = await Promise.all([
    client.getShare(id, '0-0'),
    client.getSharedSubmission(id),
  ]);
  if (first.kind !== 'ok') return { kind: 'failed', problem: problemOf(first) };
  if (submission.kind !== 'ok') return { kind: 'failed', problem: problemOf(submission) };
  append(output, first.value.pieces);
  const isWhole = await loadRest(client, id, output, first.value.next);
  if (!isWhole) output.append({ stream: 'stderr', text: '', notice: words.share.cut });
  output.finish();
  const { run, expiresAt } = first.value;
  return { kind: 'loaded', share: { run, expiresAt, submission: submission.value } };
}

async function loadRest(
  client: ShareClient,
  id: string,
  output: OutputLog,
  next: string | null,
): Promise<boolean> {
  let at = next;
  while (at !== null) {
    const page = await client.getShare(id, at);
    // A server that does not go on must not keep the page busy for ever.
    if (page.kind !== 'ok' || page.value.next === at) return false;
    append(output, page.value.pieces);
    at = page.value.next;
  }
  return true;
}

function append(output: OutputLog, pieces: readonly OutputPiece[]): void {
  for (const { display, stream = 'stdout', text, dropped_bytes } of pieces) {
    if (display) {
      output.append({ display });
      continue;
    }
    const notice = dropped_bytes > 0 ? words.output.droppedHere(dropped_bytes, stream) : null;
    output.append({ stream, text, notice });
  }
}

function problemOf(answer: Exclude<Answer<unknown>, { kind: 'ok' }>): Problem {
  switch (answer.kind) {
    case 'refused':
      return answer.status === 404
        ? ownProblem(words.share.vanished, words.share.vanishedDetail)
        : answer.problem;
    case 'unconfirmed':
      return answer.problem;
    case 'busy':
      return ownProblem(words.problem.busyHeading, words.share.busy);
    case 'unreachable':
      return ownProblem(words.problem.unreachableHeading, words.share.unreachable);
  }
}
