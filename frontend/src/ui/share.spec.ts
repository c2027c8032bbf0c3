// @vitest-environment jsdom
import { beforeEach, expect, it, vi } from 'vitest';
import type { OwnShare, Sharing } from '../domain/share';
import { createStore, type Store } from '../state/store';
import { aRun } from '../testing/builders';
import { words } from '../words';
import { mountShare } from './share';

let store: Store;
let root: HTMLElement;
let shares: OwnShare[];
const create = vi.fn<Sharing['create']>();
const revoke = vi.fn<Sharing['revoke']>();
const made = {
  id: 'a'.repeat(32),
  token: 'the token',
  createdAt: '2026-11-30T00:00:00Z',
  expiresAt: '2026-12-30T00:00:00Z',
};

const button = (name: string): HTMLButtonElement | undefined =>
  [...document.querySelectorAll('button')].find(
    ({ textContent, ariaLabel }) => textContent === name || ariaLabel === name,
  );
const isShown = (name: string) => {
  const found = button(name);
  return found !== undefined && !found.hidden;
};
const finish = (id = 'run') => {
  const run = aRun({ id, status: 'succeeded' });
  store.dispatch({ type: 'run_accepted', run, at: 0 });
  store.dispatch({ type: 'run_ended', run });
};
const press = async (name: string, until: string) => {
  button(name)?.click();
  await vi.waitFor(() => {
    expect(document.body.textContent).toContain(until);
  });
};

beforeEach(() => {
  // jsdom has no modal dialogs.
  HTMLDialogElement.prototype.showModal = vi.fn();
  store = createStore();
  root = document.createElement('div');
  document.body.replaceChildren(root);
  shares = [];
  create.mockReset().mockResolvedValue({ value: made });
  revoke.mockReset().mockImplementation((share) => {
    shares = shares.filter(({ id }) => id !== share.id);
    return Promise.resolve({ value: null });
  });
  mountShare(root, store, {
    create,
    revoke,
    list: () => shares,
    add: (share) => {
      shares = [share, ...shares];
      return true;
    },
    source: () => '# Trees\n',
  });
});

it('is offered for a result only', () => {
  expect(isShown(words.share.open)).toBe(false);
  store.dispatch({ type: 'run_accepted', run: aRun(), at: 0 });
  expect(isShown(words.share.open)).toBe(false);
  finish();
  expect(isShown(words.share.open)).toBe(true);
});

it('makes nothing until the person has read what it means', async () => {
  finish();
  await press(words.share.open, words.share.explain);
  expect(create).not.toHaveBeenCalled();
  await press(words.share.make, 'valid until');
  expect(create).toHaveBeenCalledExactlyOnceWith('run');
  const link = document.querySelector<HTMLInputElement>(`input[aria-label="${words.share.link}"]`);
  expect(link?.value).toBe(`${location.origin}/#share=${made.id}`);
  expect(shares).toEqual([{ ...made, title: 'Trees' }]);
  expect(document.body.textContent).not.toContain(made.token);
  expect(isShown(words.share.mine(1))).toBe(true);
});

it('takes a link back', async () => {
  finish();
  await press(words.share.open, words.share.explain);
  await press(words.share.make, 'valid until');
  await press(words.share.revokeOf('Trees'), words.share.revoked);
  expect(revoke).toHaveBeenCalledWith({ ...made, title: 'Trees' });
  expect(document.querySelector('input')).toBeNull();
  expect(isShown(words.share.mine(1))).toBe(false);
});

it('says why a link was not made or not taken back', async () => {
  finish();
  await press(words.share.open, words.share.explain);
  create.mockResolvedValueOnce({ trouble: 'There is no room.' });
  await press(words.share.make, 'There is no room.');
  await press(words.share.make, 'valid until');
  revoke.mockResolvedValueOnce({ trouble: 'It is away.' });
  await press(words.share.revokeOf('Trees'), 'It is away.');
  expect(shares).toHaveLength(1);
});
