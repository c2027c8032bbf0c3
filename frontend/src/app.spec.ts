// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startApp } from './app';
import { aDraft } from './domain/draft';
import { aRun } from './testing/builders';

// The large editor needs a real browser; the browser tests have one.
vi.mock('./editor/mount', async () => ({
  mountEditor: (await import('./editor/plain')).mountPlain,
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
const listen = vi.spyOn(document, 'addEventListener');
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
const saved = () => localStorage.getItem('oneshot.draft');

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  FakeSource.opened = [];
  fetcher.mockReset().mockImplementation(() => Promise.resolve(Response.json(run)));
  vi.stubGlobal('fetch', fetcher);
  vi.stubGlobal('EventSource', FakeSource);
  localStorage.clear();
  sessionStorage.clear();
  root = document.createElement('div');
  document.body.replaceChildren(root);
});
afterEach(() => {
  vi.unstubAllGlobals();
  // The page lives as long as its document; here the document lives longer.
  for (const [type, listener, options] of listen.mock.calls) {
    document.removeEventListener(type, listener, options);
  }
});

it('shows a first visitor an example', () => {
  startApp(root);
  expect(editor().value).toContain('import pandas');
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
  expect(saved()).toBeNull();
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

it('saves when asked to and says so', () => {
  startApp(root);
  write('kept');
  press('s');
  expect(saved()).toContain('kept');
  expect(root.querySelector('.toast')?.textContent).toBe('Saved in this browser.');
});

it('leaves the person’s own program alone when somebody else’s is opened', () => {
  const own = JSON.stringify({ source: 'mine', stdin: '', options: { args: '', limits: {} } });
  localStorage.setItem('oneshot.draft', own);
  startApp(root, { name: 'Shared', draft: aDraft('theirs'), isRun: true });
  expect(editor().value).toBe('theirs');
  const submitted = fetcher.mock.calls.find(([, init]) => init?.method === 'POST');
  expect(submitted?.[1]?.body).toContain('theirs');
  expect(saved()).toBe(own);
});
