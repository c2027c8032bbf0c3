// Names of files that a program has chosen.

/** The last name of the path. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** As it can be shown: characters that turn the direction of text could make one name look like another. */
export const tellablePath = (path: string): string =>
  path.replace(
    /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (turn) => `\\u${turn.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
