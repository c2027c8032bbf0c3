import { expect, it } from 'vitest';
import { embedCode, shareIn, shareLink, headlineOf } from './share';

const id = '0123456789abcdefghjkmnpqrstvwxyz';

it('finds a share in the fragment of its link, and nothing else', () => {
  expect(shareIn(new URL(shareLink('https://x.example', id)).hash)).toBe(id);
  for (const hash of [
    '',
    '#',
    '#share=',
    `#share=${id}0`,
    `#share=${id.slice(1)}/`,
    `#run=${id}`,
  ]) {
    expect(shareIn(hash)).toBeNull();
  }
});

it('embeds it by a link that no server is told', () => {
  const code = embedCode('https://x.example', id, 'A result');
  const src = /src="([^"]+)"/.exec(code)?.[1] ?? '';
  expect(new URL(src).pathname).toBe('/embed');
  expect(shareIn(new URL(src).hash)).toBe(id);
});

it('finds a headline in the first line that has words, comments included', () => {
  expect(headlineOf('\n# \n"""\n# A plot of trees\nimport x')).toBe('A plot of trees');
  expect(headlineOf('x'.repeat(99))).toBe(`${'x'.repeat(60)}…`);
  expect(headlineOf('\n \n#\n')).toBeNull();
});
