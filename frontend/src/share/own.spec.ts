import { expect, it, vi } from 'vitest';
import type { ShareClient } from '../api/client';
import type { OwnShares } from '../shares';
import { aProblem } from '../testing/builders';
import { words } from '../words';
import { ownShares } from './own';

const share = { id: 'i', token: 't', title: 'A title', createdAt: 'c', expiresAt: 'e' };
const remove = vi.fn<OwnShares['remove']>();
const kept: OwnShares = { list: () => [share], add: () => true, remove };
const own = (client: Partial<ShareClient>) => ownShares(client as ShareClient, kept, () => '');
const revokeWith = (answer: Awaited<ReturnType<ShareClient['revokeShare']>>) => {
  remove.mockClear();
  return own({ revokeShare: () => Promise.resolve(answer) }).revoke(share);
};

it('forgets what it has revoked, and what is gone already', async () => {
  expect(await revokeWith({ kind: 'ok', value: null })).toEqual({ value: null });
  expect(remove).toHaveBeenCalledWith('i');
  const gone = { kind: 'refused', status: 404, problem: aProblem() } as const;
  expect(await revokeWith(gone)).toEqual({ value: null });
  expect(remove).toHaveBeenCalledWith('i');
});

it('keeps what it could not revoke', async () => {
  const refused = {
    kind: 'refused',
    status: 403,
    problem: aProblem({ detail: 'Because.' }),
  } as const;
  expect(await revokeWith(refused)).toEqual({ trouble: 'Because.' });
  expect(await revokeWith({ kind: 'unreachable' })).toEqual({ trouble: words.share.unreachable });
  expect(remove).not.toHaveBeenCalled();
});

it('says why a link was not made', async () => {
  const createShare = vi.fn<ShareClient['createShare']>();
  createShare.mockResolvedValueOnce({ kind: 'busy', retryAfterMs: 1 });
  createShare.mockResolvedValueOnce({
    kind: 'unconfirmed',
    problem: aProblem({ title: 'No room', detail: null }),
    isFinal: true,
  });
  expect(await own({ createShare }).create('r')).toEqual({ trouble: words.share.busy });
  expect(await own({ createShare }).create('r')).toEqual({ trouble: 'No room' });
});
