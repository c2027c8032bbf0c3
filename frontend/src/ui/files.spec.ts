// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { aRunFile, type RunFile } from '../domain/files';
import { aProblem } from '../testing/builders';
import { mountFiles, type FilesForm } from './files';

const onChange = vi.fn();
let form: FilesForm;

const text = (path: string, content: string): RunFile =>
  aRunFile(path, new TextEncoder().encode(content));
/** As the browser gives it; jsdom's cannot be read. */
const chosen = (name: string, content: Uint8Array | Error): File => {
  const file = new File([], name);
  Object.defineProperty(file, 'size', { value: content instanceof Error ? 1 : content.length });
  file.arrayBuffer = () =>
    content instanceof Error ? Promise.reject(content) : Promise.resolve(content.slice().buffer);
  return file;
};
const paths = () => form.value().map(({ path }) => path);
const said = () => form.root.querySelector('[role=alert]')?.textContent;

beforeEach(() => {
  onChange.mockClear();
  form = mountFiles([], onChange);
});

describe('mountFiles', () => {
  it('is folded while there are none, and names those that there are', () => {
    expect(form.root.hasAttribute('open')).toBe(false);
    form.set([text('a.csv', 'x,y\n'), text('tools.py', '')]);
    expect(form.root.hasAttribute('open')).toBe(true);
    expect(form.root.querySelector('summary')?.textContent).toBe('Files: 2, 4 B');
    const names = [...form.root.querySelectorAll('li summary')].map((item) => item.textContent);
    expect(names).toEqual(['a.csv 4 B', 'tools.py 0 B, import tools']);
  });

  it('adds what was chosen, text and bytes', async () => {
    await form.add([chosen('a.csv', Uint8Array.of(97)), chosen('b', Uint8Array.of(255))]);
    expect(form.value().map(({ content }) => content)).toEqual([{ text: 'a' }, { base64: '/w==' }]);
    expect(onChange).toHaveBeenCalledOnce();
  });

  it('says what is too much, and keeps what there was', async () => {
    form.set([text('a', '12')]);
    form.showBounds({ count: 1, bytes: 4 });
    await form.add([chosen('b', Uint8Array.of(1, 2, 3, 4, 5))]);
    expect(said()).toBe('The files of a run may have at most 4 B together.');
    await form.add([chosen('b', Uint8Array.of(1))]);
    expect(said()).toBe('A run may bring at most 1 files.');
    await form.add([chosen('folder', new Error('a folder'))]);
    expect(said()).toBe('The browser could not read this. Folders cannot be added.');
    expect(paths()).toEqual(['a']);
  });

  it('removes one', () => {
    form.set([text('a', ''), text('b', '')]);
    form.root.querySelector<HTMLButtonElement>('li button')?.click();
    expect(paths()).toEqual(['b']);
    expect(onChange).toHaveBeenCalledOnce();
    expect(form.root.querySelector('[role=status]')?.textContent).toBe('a was removed.');
  });

  it('shows the beginning of a file as text, and never as markup', () => {
    form.set([
      text('<b>a</b>', `<img src=x>${'x'.repeat(3000)}`),
      aRunFile('b', Uint8Array.of(255)),
    ]);
    for (const details of form.root.querySelectorAll('li details'))
      details.dispatchEvent(new Event('toggle'));
    expect(form.root.querySelector('img, b')).toBeNull();
    expect(form.root.querySelector('pre')?.textContent).toHaveLength(2000);
    expect(form.root.textContent).toContain('This file is not text.');
  });

  it('shows what the server found wrong with it', () => {
    form.set([text('a', '')]);
    form.showErrors(
      aProblem({ errors: [{ pointer: '/files/0/path', detail: 'must not be empty' }] }),
    );
    expect(said()).toBe('The path “a” must not be empty.');
    form.showErrors(null);
    expect(form.root.querySelector<HTMLElement>('[role=alert]')?.hidden).toBe(true);
  });
});
