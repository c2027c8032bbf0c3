import { expect, it } from 'vitest';
import { exampleNames } from './domain/examples';
import { exampleDraft } from './example-drafts';

it.each(exampleNames)('has %s', (name) => {
  const { source, stdin } = exampleDraft(name);
  expect(source).toMatch(/^"""/);
  expect(stdin !== '').toBe(source.includes('input('));
});
