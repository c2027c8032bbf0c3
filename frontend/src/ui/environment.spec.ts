// @vitest-environment jsdom
import { beforeEach, expect, it, vi } from 'vitest';
import { anEnvironment, someBounds } from '../testing/builders';
import { mountEnvironment, type LoadEnvironment } from './environment';

const load = vi.fn<LoadEnvironment>();
let root: HTMLElement;

const open = () => {
  root.querySelector('button')?.click();
};
const text = () => root.querySelector('dialog')?.textContent ?? '';
const packages = () => Array.from(root.querySelectorAll('.packages li'), (li) => li.textContent);

beforeEach(() => {
  // jsdom has none.
  HTMLDialogElement.prototype.showModal = vi.fn();
  load.mockReset().mockResolvedValue(anEnvironment());
  root = document.createElement('div');
  mountEnvironment(root, load);
});

it('tells what a run may do, the limits and the packages, and asks once', async () => {
  open();
  expect(text()).toContain('Loading');
  await vi.waitUntil(() => packages().length > 0);
  expect(text()).toContain('no network');
  expect(text()).toContain('up to 64 MiB in its directory');
  expect(text()).toContain('Memory256 MiB1,024 MiB');
  expect(text()).toContain('Scratch spacenone64 MiB');
  expect(text()).toContain('Python 3.11.2');
  expect(packages()).toEqual(['pandas 2.3.3', 'scipy 1.16.3']);
  open();
  expect(load).toHaveBeenCalledOnce();
});

it('says less where less is known', async () => {
  const unknown = {
    source_bytes: null,
    stdin_bytes: null,
    processes: null,
    displays: null,
  };
  const maxima = { ...someBounds.maxima, scratch_mib: 0 };
  load.mockResolvedValue({
    python: null,
    packages: [],
    limits: { ...someBounds, maxima, ...unknown },
  });
  open();
  await vi.waitUntil(() => text().includes('no network'));
  expect(text()).not.toMatch(/null|TMPDIR|processes/);
});

it('finds packages', async () => {
  open();
  await vi.waitUntil(() => packages().length > 0);
  const field = root.querySelector('input') as HTMLInputElement;
  field.value = 'SCI';
  field.dispatchEvent(new Event('input'));
  expect(packages()).toEqual(['scipy 1.16.3']);
  expect(text()).toContain('1 of 2');
});

it('says that it could not be loaded, and tries again', async () => {
  load.mockResolvedValueOnce(null);
  open();
  await vi.waitUntil(() => root.querySelector('[role=alert]') !== null);
  root.querySelector<HTMLButtonElement>('[role=alert] button')?.click();
  await vi.waitUntil(() => packages().length > 0);
});
