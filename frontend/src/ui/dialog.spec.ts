// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from 'vitest';
import { closeButton, createDialog, createFrame, showOnce } from './dialog';
import { el } from './dom';

// jsdom has no modal dialogs.
beforeEach(() => {
  HTMLDialogElement.prototype.showModal = function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function (this: HTMLDialogElement) {
    this.open = false;
    this.dispatchEvent(new Event('close'));
  };
  document.body.replaceChildren();
});

describe.each([
  ['with a head', () => createDialog('some', 'Some', el('p', {}, 'text'))],
  [
    'with a button of its content',
    () => {
      const close = closeButton();
      return createFrame({ class: 'some', 'aria-label': 'Some' }, close, el('p', {}, close));
    },
  ],
])('a dialog %s', (_, create) => {
  it.each([
    ['its button', 'button', false],
    ['what is beside it', null, false],
    ['its content', 'p', true],
  ])('stays or goes when %s is pressed', (_what, inside, isOpen) => {
    const dialog = create();
    dialog.showModal();
    const target = inside === null ? dialog : dialog.querySelector(inside);
    target?.dispatchEvent(new MouseEvent('click', { bubbles: true }));
    expect(dialog.open).toBe(isOpen);
  });
});

it('is called by its heading', () => {
  const dialog = createDialog('some', 'Some');
  const id = dialog.getAttribute('aria-labelledby');
  expect(dialog.querySelector(`#${id ?? ''}`)?.textContent).toBe('Some');
});

it('is gone when it closes, where it is made each time', () => {
  const dialog = createDialog('some', 'Some');
  showOnce(dialog);
  expect(document.querySelector('dialog')?.open).toBe(true);
  dialog.querySelector('button')?.click();
  expect(document.querySelector('dialog')).toBeNull();
});
