// The programs that the page offers: files of the folder examples/, in the order in which they are listed.
export const exampleNames = [
  'describe',
  'groupby',
  'merge',
  'timeseries',
  'fit',
  'optimise',
  'spectrum',
  'ttest',
  'figure',
  'greeting',
] as const;

export type ExampleName = (typeof exampleNames)[number];
