// How large the program and its output are, as a part of the page's own size.

export const codeSizes = [0.75, 0.875, 1, 1.125, 1.25, 1.5, 1.75, 2, 2.5] as const;

export const usualCodeSize = 1;

export const parseCodeSize = (text: string): number | null => {
  const size = Number(text);
  return (codeSizes as readonly number[]).includes(size) ? size : null;
};

/** The next size up or down, or null where there is none. */
export const nextCodeSize = (size: number, step: 1 | -1): number | null =>
  codeSizes[(codeSizes as readonly number[]).indexOf(size) + step] ?? null;
