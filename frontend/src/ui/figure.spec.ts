// @vitest-environment jsdom
import { beforeEach, expect, it } from 'vitest';
import { aDisplay } from '../testing/builders';
import { mountFigure } from './figure';

let root: HTMLElement;

beforeEach(() => {
  root = document.createElement('div');
});

it('is an image of known size, so that nothing moves when it comes', () => {
  mountFigure(root, aDisplay());
  const image = root.querySelector('img');
  expect(image?.getAttribute('src')).toBe('/api/v1/runs/01j/displays/0');
  expect([image?.width, image?.height, image?.alt]).toEqual([640, 480, 'A title']);
});

it('never takes a description for markup', () => {
  mountFigure(root, aDisplay({ alt: '"><script>alert(1)</script>' }));
  expect(root.querySelector('script')).toBeNull();
  expect(root.querySelector('img')?.alt).toBe('"><script>alert(1)</script>');
});

it('has a name where the program gave none', () => {
  mountFigure(root, aDisplay({ alt: '' }));
  expect(root.querySelector('img')?.alt).toBe('A figure');
});

it('is saved under a name of its own', () => {
  mountFigure(root, aDisplay({ number: 2, mime: 'image/svg+xml' }));
  expect(root.querySelector('a')?.download).toBe('figure-3.svg');
});

it('offers to try again when it could not be loaded', () => {
  mountFigure(root, aDisplay());
  root.querySelector('img')?.dispatchEvent(new Event('error'));
  expect(root.querySelector('img')).toBeNull();
  expect(root.textContent).toContain('could not be loaded');
  root.querySelector('button')?.click();
  expect(root.querySelector('img')).not.toBeNull();
});
