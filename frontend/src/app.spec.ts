// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startApp } from './app';
import { aDraft } from './domain/draft';
import { aRun } from './testing/builders';

// The large editor needs a real browser; the browser tests have one.
vi.mock('./editor/codemirror', async () => ({
  mountCodeMirror: (await import('./editor/plain')).mountPlain,
}));

class FakeSource extends EventTarget {
  static opened: string[] = [];
  readonly close = vi.fn();
  constructor(url: string) {
    super();
    FakeSource.opened.push(url);
  }
}

const run = aRun();
const listeners = [document, window].map(
  (target) => [target, vi.spyOn(target as EventTarget, 'addEventListener')] as const,
);
const fetcher = vi.fn<typeof fetch>();
let root: HTMLElement;

const editor = () => {
  const box = root.querySelector<HTMLTextAreaElement>('.plain-editor');
  if (!box) throw new Error('no editor');
  return box;
};
const write = (source: string) => {
  editor().value = source;
  editor().dispatchEvent(new Event('input'));
};
const press = (key: string) => {
  const init = { key, ctrlKey: true, bubbles: true, cancelable: true };
  document.body.dispatchEvent(new KeyboardEvent('keydown', init));
};
const keptAs = (prefix: string) =>
  Object.keys(localStorage)
    .filter((key) => key.startsWith(prefix))
    .map((key) => localStorage.getItem(key))
    .join('\n');
const saved = () => keptAs('oneshot.draft.');

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  FakeSource.opened = [];
  fetcher.mockReset().mockImplementation(() => Promise.resolve(Response.json(run)));
  vi.stubGlobal('fetch', fetcher);
  vi.stubGlobal('EventSource', FakeSource);
  vi.stubGlobal('matchMedia', () => Object.assign(new EventTarget(), { matches: false }));
  localStorage.clear();
  sessionStorage.clear();
  history.replaceState(null, '', '/');
  root = document.createElement('div');
  document.body.replaceChildren(root);
});
afterEach(() => {
  vi.unstubAllGlobals();
  // The page lives as long as its document; here the document lives longer.
  for (const [target, { mock }] of listeners) {
    for (const [type, listener, options] of mock.calls) {
      if (listener) target.removeEventListener(type, listener, options);
    }
  }
});

it('shows a first visitor an example', () => {
  startApp(root);
  expect(editor().value).toContain('import pandas');
});

it('gives all text fields one look', () => {
  startApp(root);
  const fields = root.querySelectorAll('input:not([type=file]), textarea:not(.plain-editor)');
  const others = [...fields].filter((field) => !field.classList.contains('field'));
  expect(fields.length).toBeGreaterThan(5);
  expect(others.map(({ id }) => id)).toEqual([]);
});

it('runs what is in the editor, saves it and follows the run', async () => {
  startApp(root);
  write('print(7)');
  press('Enter');
  await vi.waitUntil(() => FakeSource.opened.length > 0);
  expect(fetcher).toHaveBeenCalledWith(
    '/api/v1/runs',
    expect.objectContaining({ body: '{"source":"print(7)","display":1}' }),
  );
  expect(saved()).toContain('print(7)');
  expect(FakeSource.opened).toEqual([`/api/v1/runs/${run.id}/events`]);
  expect(sessionStorage.getItem('oneshot.run')).toBe(run.id);
});

it('follows the run that this tab followed before', async () => {
  sessionStorage.setItem('oneshot.run', run.id);
  startApp(root);
  await vi.waitUntil(() => FakeSource.opened.length > 0);
  expect(fetcher).toHaveBeenCalledWith(`/api/v1/runs/${run.id}?output=none`, expect.anything());
});

it('saves a moment after a change, not at every key', () => {
  startApp(root);
  write('a');
  write('ab');
  expect(saved()).toBe('');
  vi.runAllTimers();
  expect(saved()).toContain('"ab"');
});

it('saves at once when the page is hidden', () => {
  startApp(root);
  write('unsaved');
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
  document.dispatchEvent(new Event('visibilitychange'));
  expect(saved()).toContain('unsaved');
});

it('saves as a file when asked to, and says so', () => {
  const saveAs = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
  vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:x' }));
  startApp(root);
  write('kept');
  press('s');
  expect(saved()).toContain('kept');
  expect(saveAs.mock.contexts).toMatchObject([{ download: 'main.py' }]);
  expect(root.querySelector('.toast')?.textContent).toMatch(/^Saved as main\.py\./);
  saveAs.mockRestore();
});

describe('a link to a run', () => {
  const submission = { source: 'print("linked")', stdin: 'in', args: ['a b'], limits: {} };
  const answer = (found: boolean) => {
    fetcher.mockImplementation((url) =>
      Promise.resolve(
        !found
          ? Response.json({ title: 'Run not found' }, { status: 404 })
          : Response.json((url as string).endsWith('/submission') ? submission : run),
      ),
    );
  };

  it('shows the run and its program, and keeps the draft', async () => {
    localStorage.setItem('oneshot.draft', '{"source":"mine","stdin":""}');
    history.replaceState(null, '', `/#run=${run.id}`);
    answer(true);
    startApp(root);
    await vi.waitUntil(() => editor().value === submission.source);
    expect(root.querySelector<HTMLInputElement>('#option-args')?.value).toBe("'a b'");
    expect(root.querySelector('.run-id')?.textContent).toBe(run.id);
    expect(saved()).toContain('"mine"');
    expect(saved()).not.toContain('linked');
  });

  it('says that there is no such run, and leaves the editor alone', async () => {
    startApp(root);
    write('mine');
    answer(false);
    history.replaceState(null, '', '/#run=01jother');
    window.dispatchEvent(new Event('hashchange'));
    await vi.waitUntil(() => root.querySelector('.problem h3'));
    expect(root.querySelector('.problem')?.textContent).toMatch(
      /does not have this run.*as it was/,
    );
    expect(editor().value).toBe('mine');
  });

  it('shows the program that this browser has kept of a run that was deleted', async () => {
    startApp(root);
    write('print("kept")');
    press('Enter');
    await vi.waitUntil(() => keptAs('oneshot.run.').includes(run.id));
    write('something else');
    answer(false);
    history.replaceState(null, '', `/#run=${run.id}`);
    sessionStorage.removeItem('oneshot.run');
    window.dispatchEvent(new Event('hashchange'));
    await vi.waitUntil(() => root.querySelector('.problem h3'));
    expect(editor().value).toBe('print("kept")');
    expect(root.querySelector('.problem')?.textContent).toContain('is in the editor');
    expect(saved()).toContain('something else');
  });
});

it('leaves the person’s own program alone when somebody else’s is opened', async () => {
  const own = JSON.stringify({
    source: 'mine',
    stdin: '',
    options: { args: '', outputs: '', limits: {} },
  });
  localStorage.setItem('oneshot.draft', own);
  startApp(root, { name: 'Shared', draft: aDraft('theirs'), isRun: true });
  expect(editor().value).toBe('theirs');
  const submitted = fetcher.mock.calls.find(([, init]) => init?.method === 'POST');
  expect(submitted?.[1]?.body).toContain('theirs');
  expect(saved()).toContain('"mine"');
  await vi.waitUntil(() => FakeSource.opened.length > 0);
});
