import { expect, it, vi } from 'vitest';
import { createHold } from './hold';

/** Grants a lock when nobody holds it, and refuses it at once otherwise. */
class Locks {
  readonly held = new Set<string>();
  async request(name: string, _options: unknown, hold: () => Promise<void>): Promise<void> {
    if (this.held.has(name)) throw new DOMException('', 'TimeoutError');
    this.held.add(name);
    await hold();
    this.held.delete(name);
  }
}

const holdOf = (locks: Locks) => createHold(locks as unknown as LockManager);

it('gives a draft to one tab, until that opens another one', async () => {
  const locks = new Locks();
  const [one, two] = [holdOf(locks), holdOf(locks)];
  expect(await one('a')).toBe(true);
  expect(await two('a')).toBe(false);
  expect(await one('b')).toBe(true);
  await vi.waitFor(() => {
    expect(locks.held).toEqual(new Set(['oneshot.draft.b']));
  });
  expect(await two('a')).toBe(true);
});

it('refuses nothing where a browser has no locks', async () => {
  expect(await createHold(undefined)('a')).toBe(true);
});
