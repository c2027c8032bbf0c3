// @vitest-environment jsdom
import { beforeEach, expect, it } from 'vitest';
import type { OwnShare } from './domain/share';
import { createOwnShares } from './shares';

const share = (letter: string, expiresAt = '2030-01-01T00:00:00Z'): OwnShare => ({
  id: letter.repeat(32),
  token: 't',
  title: 'A title',
  createdAt: '2026-01-01T00:00:00Z',
  expiresAt,
});
const now = () => Date.parse('2026-06-01T00:00:00Z');
const open = (storage: Storage | null = localStorage) => createOwnShares(storage, now);
const ids = (shares: OwnShare[]) => shares.map(({ id }) => id[0]).join('');

beforeEach(() => {
  localStorage.clear();
});

it('keeps shares for the next page, the newest first', () => {
  expect(open().add(share('a'))).toBe(true);
  open().add(share('b'));
  expect(ids(open().list())).toBe('ba');
  open().remove('b'.repeat(32));
  expect(ids(open().list())).toBe('a');
});

it('forgets those that have expired', () => {
  open().add(share('a', '2026-05-31T00:00:00Z'));
  open().add(share('b'));
  expect(ids(open().list())).toBe('b');
});

it('keeps them for the page where nothing can be stored', () => {
  const shares = open(null);
  expect(shares.add(share('a'))).toBe(false);
  shares.add(share('b'));
  expect(ids(shares.list())).toBe('ba');
  shares.remove('a'.repeat(32));
  expect(ids(shares.list())).toBe('b');
});

it.each(['{', '{}', '3', '[null, 3, {"id": "x"}]'])('makes nothing of %s', (text) => {
  localStorage.setItem('oneshot.shares', text);
  expect(open().list()).toEqual([]);
  expect(open().add(share('a'))).toBe(true);
});
