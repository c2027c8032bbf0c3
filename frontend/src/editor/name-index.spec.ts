import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { nameIndex } from './name-index';
import about from './names/about.json';

it('is of the versions that a run has', () => {
  const path = new URL('../../../images/python/requirements.in', import.meta.url);
  const wanted = [...readFileSync(path, 'utf8').matchAll(/^(\w+)==(.+)$/gm)];
  expect(wanted.length).toBeGreaterThan(0);
  // images/python/name-index brings them together again.
  expect(about.versions).toEqual(
    Object.fromEntries(wanted.map(([, name, version]) => [name, version])),
  );
});

it('has every module that it names', async () => {
  for (const path of nameIndex.modules)
    expect([path, await nameIndex.scope(path)]).not.toContain(null);
});

it('knows nothing of others', async () => {
  expect(await nameIndex.scope('secret')).toBeNull();
  expect(await nameIndex.scope('toString')).toBeNull();
});
