// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { aSetting } from '../testing/builders';
import { mountSplitter, parseShare, type Split } from './splitter';

let panes: HTMLElement;
let bar: HTMLElement;
let split: Split;

const mount = (isNarrow: boolean) => {
  vi.stubGlobal('matchMedia', () => Object.assign(new EventTarget(), { matches: isNarrow }));
  split = { sideBySide: aSetting(50), stacked: aSetting(45) };
  mountSplitter(panes, panes.firstElementChild as HTMLElement, split);
  bar = panes.querySelector('.splitter') as HTMLElement;
  bar.setPointerCapture = vi.fn();
};
const value = () => Number(bar.getAttribute('aria-valuenow'));
const press = (key: string) => {
  bar.dispatchEvent(new KeyboardEvent('keydown', { key }));
  return value();
};
const point = (type: string, place: number) => {
  bar.dispatchEvent(new MouseEvent(type, { clientX: place, clientY: place }));
};
const drag = (from: number, to: number) => {
  point('pointerdown', from);
  point('pointermove', to);
  point('lostpointercapture', to);
  bar.dispatchEvent(new MouseEvent('click', { detail: 1 }));
  return value();
};

beforeEach(() => {
  panes = document.createElement('main');
  panes.append(document.createElement('section'), document.createElement('section'));
  Object.defineProperty(panes, 'clientWidth', { value: 1_000 });
});

describe('side by side', () => {
  beforeEach(() => {
    mount(false);
  });

  it('is moved by the keys, within bounds', () => {
    expect(press('ArrowRight')).toBe(55);
    expect(press('ArrowLeft')).toBe(50);
    expect(press('ArrowDown')).toBe(50);
    expect(press('Home')).toBe(20);
    expect(press('ArrowLeft')).toBe(20);
    expect(press('End')).toBe(80);
    expect(panes.style.getPropertyValue('--program-share')).toBe('80fr');
    expect(panes.style.getPropertyValue('--output-share')).toBe('20fr');
    expect(split.sideBySide.get()).toBe(80);
    expect(split.stacked.get()).toBe(45);
  });

  it('is dragged', () => {
    expect(drag(500, 620)).toBe(62);
    expect(drag(620, 5_000)).toBe(80);
    point('pointermove', 500);
    expect(value()).toBe(80);
  });

  it('steps when it is pressed, and a second press resets it', () => {
    const click = (detail: number) => {
      point('pointerdown', 500);
      bar.dispatchEvent(new MouseEvent('click', { detail }));
      return value();
    };
    expect([click(1), click(1), click(1)]).toEqual([65, 35, 50]);
    click(1);
    expect(click(2)).toBe(50);
  });
});

it('gives the editor its share of the height where the parts are stacked', () => {
  mount(true);
  expect(bar.getAttribute('aria-orientation')).toBe('horizontal');
  expect(press('ArrowDown')).toBe(50);
  expect(panes.style.getPropertyValue('--editor-share')).toBe('50');
  expect(drag(0, (20 * window.innerHeight) / 100)).toBe(70);
});

it('takes back only what it may have kept', () => {
  expect(['35', '19', '81', 'x'].map(parseShare)).toEqual([35, null, null, null]);
});
