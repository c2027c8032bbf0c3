// @vitest-environment jsdom
import { expect, it } from 'vitest';
import type { Setting } from '../domain/setting';
import { mountCodeSize } from './code-size';

it('makes the program larger and smaller, as far as it goes', () => {
  let size = 2;
  const setting: Setting<number> = { get: () => size, set: (value) => (size = value) };
  const root = document.createElement('div');
  mountCodeSize(root, setting);
  const [smaller, larger] = root.querySelectorAll('button');
  const scale = () => document.documentElement.style.getPropertyValue('--code-scale');
  expect(scale()).toBe('2');
  larger?.click();
  expect([size, scale(), larger?.getAttribute('aria-disabled')]).toEqual([2.5, '2.5', 'true']);
  larger?.click();
  expect(size).toBe(2.5);
  smaller?.click();
  expect([size, scale(), larger?.getAttribute('aria-disabled')]).toEqual([2, '2', 'false']);
  expect(root.querySelector('[role=status]')?.textContent).toBe('Text at 200 %.');
});
