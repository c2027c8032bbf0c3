// The shares that were made in this browser. Their tokens are nowhere else: whoever clears the browser's storage can
// revoke them no more, and they expire by themselves.
import type { OwnShare } from './domain/share';

export interface OwnShares {
  /** Those that have not expired, the newest first. */
  list(): OwnShare[];
  /** False when it will be forgotten with the page. */
  add(share: OwnShare): boolean;
  remove(id: string): void;
}

const key = 'oneshot.shares';

export function createOwnShares(storage: Storage | null, now: () => number): OwnShares {
  /** What could not be written. */
  let held: OwnShare[] = [];

  const stored = (): OwnShare[] => {
    try {
      return parse(storage?.getItem(key) ?? null);
    } catch {
      return [];
    }
  };
  const list = () =>
    [...held, ...stored()].filter(({ expiresAt }) => !(Date.parse(expiresAt) <= now()));
  const write = (shares: readonly OwnShare[]): boolean => {
    try {
      storage?.setItem(key, JSON.stringify(shares));
      return storage !== null;
    } catch {
      return false;
    }
  };
  return {
    list,
    add(share) {
      const all = [share, ...list()];
      const isKept = write(all);
      held = isKept ? [] : all;
      return isKept;
    },
    remove(id) {
      const rest = list().filter((share) => share.id !== id);
      held = write(rest) ? [] : rest;
    },
  };
}

/** Anything may have written there; what does not fit is left out. */
function parse(text: string | null): OwnShare[] {
  const value: unknown = text === null ? [] : JSON.parse(text);
  return Array.isArray(value) ? value.filter(isOwnShare) : [];
}

function isOwnShare(value: unknown): value is OwnShare {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  return (
    ['token', 'title', 'createdAt', 'expiresAt'].every(
      (name) => typeof fields[name] === 'string',
    ) &&
    typeof fields['id'] === 'string' &&
    /^[0-9a-z]{32}$/.test(fields['id'])
  );
}
