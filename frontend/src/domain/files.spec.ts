import { describe, expect, it } from 'vitest';
import {
  addFiles,
  aRunFile,
  bytesOf,
  faultOf,
  fromSubmittedFile,
  isModule,
  pathOf,
  previewOf,
  toSubmittedFile,
} from './files';

const bytes = (...values: number[]) => Uint8Array.from(values);
const text = (name: string, content: string) => aRunFile(name, new TextEncoder().encode(content));

describe('aRunFile', () => {
  it('sends text as text, with its byte order mark and line ends', () => {
    expect(toSubmittedFile(text('a.csv', '\ufeffé\r\n'))).toEqual({
      path: 'a.csv',
      content: '\ufeffé\r\n',
    });
    expect(text('a.csv', '\ufeffé\r\n').bytes).toBe(7);
  });

  it('sends everything else as it is', () => {
    expect(toSubmittedFile(aRunFile('a', bytes(0xff, 0)))).toEqual({
      path: 'a',
      content_b64: '/wA=',
    });
    const large = new Uint8Array(100_000).fill(0xff);
    expect(toSubmittedFile(aRunFile('a', large)).content_b64).toHaveLength(133_336);
  });

  it('takes an empty file', () => {
    expect(toSubmittedFile(aRunFile('a', bytes()))).toEqual({ path: 'a', content: '' });
  });
});

describe('fromSubmittedFile', () => {
  it.each([
    ['text', new TextEncoder().encode('\ufeffé\r\n')],
    ['nothing', bytes()],
    // Every remainder that base64 fills up.
    ['one byte', bytes(0xff)],
    ['two bytes', bytes(0xff, 0)],
    ['three bytes', bytes(0xff, 0, 1)],
    ['many bytes', new Uint8Array(100_000).fill(0xff)],
  ])('gives back %s with its size', (_, content) => {
    const file = aRunFile('some/data', content);
    expect(fromSubmittedFile(toSubmittedFile(file))).toEqual({ ...file, bytes: content.length });
  });

  it('counts bytes of text, not characters', () => {
    expect(fromSubmittedFile({ path: 'a', content: 'é€😀' }).bytes).toBe(9);
  });

  it('keeps the path as it is, folders and all', () => {
    expect(fromSubmittedFile({ path: 'a/b.csv', content: '' }).path).toBe('a/b.csv');
  });

  it('takes a file without content for an empty one', () => {
    const empty = { path: 'a', bytes: 0 };
    expect(fromSubmittedFile({ path: 'a' })).toEqual({ ...empty, content: { text: '' } });
    const base64 = { path: 'a', content_b64: '' };
    expect(fromSubmittedFile(base64)).toEqual({ ...empty, content: { base64: '' } });
  });
});

it.each([
  ['data.csv', 'data.csv'],
  ['main.py', 'main_1.py'],
  ['a\\b/c\n.txt', 'a_b_c_.txt'],
  ['..', '_'],
  ['', '_'],
])('names %j %j', (name, path) => {
  expect(pathOf(name)).toBe(path);
});

it('puts a file in the place of one with the same path', () => {
  const files = addFiles([text('a', '1'), text('b', '2')], [text('a', '34')]);
  expect(files.map(({ path }) => path)).toEqual(['b', 'a']);
  expect(bytesOf(files)).toBe(3);
});

it('knows what the server would not take', () => {
  const files = [text('a', '12'), text('b', '34')];
  expect(faultOf(files, { count: 2, bytes: 4 })).toBeNull();
  expect(faultOf(files, { count: 1, bytes: 4 })).toBe('too_many');
  expect(faultOf(files, { count: 2, bytes: 3 })).toBe('too_large');
});

it('knows what can be imported', () => {
  expect(['tools.py', 'é_1.py', 'a-b.py', '1.py', 'a.txt'].filter(isModule)).toEqual([
    'tools.py',
    'é_1.py',
  ]);
});

it('previews text only', () => {
  expect(previewOf(text('a', 'abcdef'), 3)).toBe('abc');
  expect(previewOf(aRunFile('a', bytes(0xff)), 3)).toBeNull();
});
