// What the packages of a run have to offer: names, signatures, the beginning of their documentation, and of what type they are.
// images/python/name-index writes the files. Each is loaded when something of it is asked for, and not before.
import about from './names/about.json';

/** See images/python/name_index.py. */
export type Entry = readonly [
  kind: 'f' | 'c' | 'm' | 'p' | 'v',
  signature?: string,
  documentation?: string,
  type?: string | readonly string[],
];

/** The names of a module, or of the instances of a class. */
export type Scope = Readonly<Record<string, Entry>>;

export interface NameIndex {
  /** `numpy.linalg` or `pandas.DataFrame`. Null where it is not known. */
  scope(path: string): Promise<Scope | null>;
  readonly modules: readonly string[];
}

type File = Readonly<Record<string, Scope>>;
type LoadFile = () => Promise<File>;

const files = import.meta.glob<File>(['./names/*.json', '!./names/about.json'], {
  import: 'default',
});

/** `scipy.stats.norm` may be in a file for scipy.stats, or in one for scipy; the rest is in the standard library's. */
function fileOf(path: string): LoadFile | undefined {
  const parts = path.split('.');
  for (let length = parts.length; length > 0; length -= 1) {
    const load = files[`./names/${parts.slice(0, length).join('.')}.json`];
    if (load) return load;
  }
  return files['./names/stdlib.json'];
}

export const nameIndex: NameIndex = {
  modules: about.modules,
  async scope(path) {
    try {
      const file = await fileOf(path)?.();
      return file && Object.hasOwn(file, path) ? (file[path] ?? null) : null;
    } catch (error) {
      // Offline, or a newer version of the page: the program can be written without it.
      console.warn('the names of a package could not be loaded', path, error);
      return null;
    }
  },
};

export const entryIn = (scope: Scope | null, name: string): Entry | null =>
  scope && Object.hasOwn(scope, name) ? (scope[name] ?? null) : null;
