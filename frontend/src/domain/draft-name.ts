// The name of a draft, which is also that of the file when it is saved.
export const defaultName = 'main.py';

const mostCharacters = 80;

/** A name that every file system takes. */
export function cleanName(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is to be removed
  const clean = text.replace(/[\u0000-\u001f\u007f<>:"/\\|?*]+/g, ' ').replace(/\s+/g, ' ');
  const short = Array.from(clean.replace(/^[. ]+/, ''))
    .slice(0, mostCharacters)
    .join('');
  return short.trim() || defaultName;
}

/** The name, or one with a number where it is taken: `main-2.py`. */
export function uniqueName(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  const [, stem = '', ending = ''] = /^(.*?)(?:-\d+)?(\.\w+)?$/.exec(name) ?? [];
  for (let number = 2; ; number += 1) {
    const next = `${stem}-${number}${ending}`;
    if (!taken.includes(next)) return next;
  }
}

export const fileNameOf = (name: string): string => (/\.py$/i.test(name) ? name : `${name}.py`);
