// The examples as drafts. A chunk of its own, loaded when the list of examples is opened.
import { aDraft, type Draft } from './domain/draft';
import type { ExampleName } from './domain/examples';

const files = import.meta.glob<string>(
  [
    '../../examples/{describe,groupby,merge,timeseries,fit,optimise,spectrum,ttest,figure,greeting}.py',
    '../../examples/greeting.stdin',
  ],
  { query: '?raw', import: 'default', eager: true },
);

export function exampleDraft(name: ExampleName): Draft {
  const file = (ending: string) => files[`../../examples/${name}.${ending}`] ?? '';
  return { ...aDraft(file('py')), stdin: file('stdin') };
}
