// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createShelf, storageOf } from './storage';

beforeEach(() => {
  localStorage.clear();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const refuseToWrite = () =>
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });

it('keeps, lists and removes', () => {
  const shelf = createShelf(localStorage);
  expect(shelf.write('a.1', 'one')).toBe(true);
  expect(shelf.write('b.1', 'other')).toBe(true);
  expect(shelf.keys('a.')).toEqual(['a.1']);
  shelf.write('a.1', null);
  expect(shelf.read('a.1')).toBeNull();
  expect(shelf.isLasting).toBe(true);
});

it.each<[string, () => Storage | null]>([
  ['absent', () => null],
  [
    'there but of no size',
    () => {
      refuseToWrite();
      return localStorage;
    },
  ],
])('keeps for as long as the page where storage is %s', (_what, storage) => {
  const shelf = createShelf(storage());
  expect(shelf.isLasting).toBe(false);
  expect(shelf.write('a.1', 'one')).toBe(true);
  expect(shelf.read('a.1')).toBe('one');
  expect(shelf.keys('a.')).toEqual(['a.1']);
});

it('says when there is no room, and still reads', () => {
  localStorage.setItem('a', 'old');
  refuseToWrite();
  const shelf = createShelf(localStorage);
  expect(shelf.write('a', 'new')).toBe(false);
  expect(shelf.read('a')).toBe('old');
  expect(shelf.isLasting).toBe(true);
});

it('gives the storage of the browser, or none where even to look is forbidden', () => {
  expect(storageOf('localStorage')).toBe(localStorage);
  const forbidden = {
    get sessionStorage() {
      throw new DOMException('forbidden', 'SecurityError');
    },
  };
  vi.stubGlobal('window', forbidden);
  expect(storageOf('sessionStorage')).toBeNull();
});
