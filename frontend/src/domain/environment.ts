// What the installation has and allows.
import type { Bounds } from './options';
import type { Contract } from './run';

type OrUnknown<T> = { readonly [Key in keyof T]-?: T[Key] | null };

type ToldLimit = 'source_bytes' | 'stdin_bytes' | 'processes' | 'displays';

export interface Environment {
  /** Its version; null when the installation does not know it. */
  readonly python: string | null;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  readonly limits: Bounds & OrUnknown<Pick<Contract['Environment']['limits'], ToldLimit>>;
}

/** Those whose name has the text, in the order of their names. */
export function findPackages(
  { packages }: Pick<Environment, 'packages'>,
  text: string,
): Environment['packages'] {
  // PyPI takes these signs for each other.
  const plain = (name: string) => name.toLowerCase().replace(/[-_.\s]+/g, '-');
  const wanted = plain(text.trim());
  return packages
    .filter(({ name }) => plain(name).includes(wanted))
    .toSorted((one, other) => one.name.localeCompare(other.name));
}
