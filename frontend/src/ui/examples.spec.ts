// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { aDraft, type Draft } from '../domain/draft';
import { words } from '../words';
import { mountExamples } from './examples';

// jsdom has no modal dialogs.
HTMLDialogElement.prototype.showModal = vi.fn();
HTMLDialogElement.prototype.close = vi.fn();

let root: HTMLElement;
let current: Draft;
const notify = vi.fn();
const load = vi.fn((name: string) => Promise.resolve(aDraft(`# ${name}`)));

beforeEach(() => {
  vi.clearAllMocks();
  root = document.createElement('div');
  current = { ...aDraft('mine'), stdin: 'my input' };
  mountExamples(root, root, {
    load,
    notify,
    current: () => current,
    show: (draft) => (current = draft),
  });
});

const press = (name: string) => {
  [...root.querySelectorAll('button')].find((each) => each.textContent.startsWith(name))?.click();
};
const back = () => root.querySelector('li');
const choose = async (name: string, source: string) => {
  press(words.examples.open);
  press(name);
  await vi.waitUntil(() => current.source === source);
};

describe('mountExamples', () => {
  it('shows an example and brings back what was there, input and all', async () => {
    press(words.examples.open);
    expect(back()?.hidden).toBe(true);
    await choose('Fit', '# fit');
    await choose('Group', '# groupby');
    press(words.examples.open);
    expect(back()?.hidden).toBe(false);
    press(words.examples.back);
    expect(current).toEqual({ ...aDraft('mine'), stdin: 'my input' });
  });

  it('keeps an example that was changed', async () => {
    await choose('Fit', '# fit');
    current = aDraft('# fit, but mine');
    await choose('Group', '# groupby');
    press(words.examples.back);
    expect(current.source).toBe('# fit, but mine');
  });

  it('says so when the examples cannot be loaded', async () => {
    load.mockRejectedValueOnce(new Error('offline'));
    press('Fit');
    await vi.waitUntil(() => notify.mock.calls.length > 0);
    expect(notify).toHaveBeenCalledWith(words.examples.unavailable);
    expect(current.source).toBe('mine');
  });
});
