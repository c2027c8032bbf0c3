import { beforeEach, expect, it } from 'vitest';
import { createSetting, parseBoolean } from './setting';

const key = 'oneshot.wrap';
const kept = new Map<string, string>();
const browser = {
  getItem: (name: string) => kept.get(name) ?? null,
  setItem: (name: string, value: string) => void kept.set(name, value),
} as Storage;
const open = (storage: Storage | null = browser) => createSetting(storage, key, true, parseBoolean);

beforeEach(() => {
  kept.clear();
});

it('is kept for the next page', () => {
  expect(open().get()).toBe(true);
  open().set(false);
  expect(open().get()).toBe(false);
});

it('is what it was at first when what is kept makes no sense', () => {
  kept.set(key, 'perhaps');
  expect(open().get()).toBe(true);
});

it('lasts as long as the page where nothing can be kept', () => {
  const full = { getItem: () => null, setItem: () => void JSON.parse('full') };
  for (const storage of [null, full as unknown as Storage]) {
    const setting = open(storage);
    setting.set(false);
    expect(setting.get()).toBe(false);
  }
});
