// Makes, remembers and revokes the shares of this browser.
import type { Answer, ShareClient } from '../api/client';
import type { Outcome, Sharing } from '../domain/share';
import type { OwnShares } from '../shares';
import { words } from '../words';

export function ownShares(client: ShareClient, shares: OwnShares, source: () => string): Sharing {
  return {
    source,
    list: () => shares.list(),
    add: (share) => shares.add(share),
    create: async (runId) => outcomeOf(await client.createShare(runId)),
    async revoke({ id, token }) {
      const answer = await client.revokeShare(id, token);
      // It has expired, or an earlier try was carried out.
      const isGone = answer.kind === 'refused' && answer.status === 404;
      const outcome = isGone ? { value: null } : outcomeOf(answer);
      if ('value' in outcome) shares.remove(id);
      return outcome;
    },
  };
}

function outcomeOf<T>(answer: Answer<T>): Outcome<T> {
  switch (answer.kind) {
    case 'ok':
      return { value: answer.value };
    case 'refused':
    case 'unconfirmed':
      return { trouble: answer.problem.detail ?? answer.problem.title };
    case 'busy':
      return { trouble: words.share.busy };
    case 'unreachable':
      return { trouble: words.share.unreachable };
  }
}
