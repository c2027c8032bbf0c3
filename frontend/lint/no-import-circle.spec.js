import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { afterAll, expect, it } from 'vitest';
import { noImportCircle } from './no-import-circle.js';

const folder = mkdtempSync(join(tmpdir(), 'no-import-circle-'));
afterAll(() => rmSync(folder, { recursive: true }));

const files = {
  'one.ts': "import type { Two } from './two';",
  'two.ts': "export * from './three';",
  'three.ts': "export const load = () => import('./one');",
  'outside.ts': "import { load } from './three'; import './missing.css'; import 'library';",
};
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);

const lint = (name) =>
  new Linter({ cwd: folder })
    .verify(
      files[name],
      {
        files: ['**/*.ts'],
        languageOptions: { parser: tseslint.parser },
        plugins: { local: { rules: { 'no-import-circle': noImportCircle } } },
        rules: { 'local/no-import-circle': 'error' },
      },
      join(folder, name),
    )
    .map(({ message }) => message);

it.each([
  ['one.ts', 'Import circle: one.ts -> two.ts -> three.ts -> one.ts'],
  ['two.ts', 'Import circle: two.ts -> three.ts -> one.ts -> two.ts'],
  ['three.ts', 'Import circle: three.ts -> one.ts -> two.ts -> three.ts'],
])('reports each import of a circle, in %s', (name, want) => {
  expect(lint(name)).toEqual([want]);
});

it('leaves modules alone that only look at the circle', () => {
  expect(lint('outside.ts')).toEqual([]);
});
