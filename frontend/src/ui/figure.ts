// A figure in the output: an image that can be enlarged, saved and copied. Its bytes are untrusted: they are
// only ever the source of an <img>, where nothing in them runs.
import type { Display } from '../domain/run';
import { words } from '../words';
import { closeButton, createFrame, showOnce } from './dialog';
import { copyButton, el, loadFailure } from './dom';
import './figure.css';

export function mountFigure(root: HTMLElement, display: Display): void {
  const alt = display.alt || words.display.noAlt;
  const draw = () => {
    const image = imageOf(display, alt);
    const enlarge = el(
      'button',
      { type: 'button', class: 'figure-open', title: words.display.enlarge },
      image,
    );
    enlarge.addEventListener('click', () => {
      openLarge(display, alt, enlarge);
    });
    image.addEventListener('error', () => {
      root.replaceChildren(loadFailure(draw));
    });
    root.replaceChildren(el('figure', { class: 'figure' }, enlarge, toolsOf(display, image)));
  };
  draw();
}

/** With its size, so that nothing moves when its bytes come. */
function imageOf(display: Display, alt: string): HTMLImageElement {
  const image = el('img', {
    class: 'figure-image',
    alt,
    width: display.width === null ? null : String(display.width),
    height: display.height === null ? null : String(display.height),
    decoding: 'async',
  });
  image.src = display.url;
  return image;
}

function toolsOf(display: Display, image: HTMLImageElement): HTMLElement {
  const type = display.mime === 'image/png' ? 'png' : 'svg';
  const save = el(
    'a',
    {
      class: 'tool',
      href: display.url,
      download: `figure-${display.number + 1}.${type}`,
    },
    words.display.save,
  );
  // Browsers take no other image into the clipboard.
  const copy = copyButton(words.display.copy, () =>
    navigator.clipboard.write([new ClipboardItem({ 'image/png': pngOf(image) })]),
  );
  return el('p', { class: 'tools' }, save, copy);
}

function pngOf(image: HTMLImageElement): Promise<Blob> {
  const { naturalWidth: width, naturalHeight: height } = image;
  const canvas = el('canvas', { width: String(width), height: String(height) });
  canvas.getContext('2d')?.drawImage(image, 0, 0, width, height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob) resolve(blob);
      else reject(new Error('no image'));
    }, 'image/png');
  });
}

function openLarge(display: Display, alt: string, opener: HTMLElement): void {
  const close = closeButton();
  const dialog = createFrame(
    { class: 'figure-dialog', 'aria-label': alt },
    close,
    el('div', { class: 'figure-large', tabindex: '0' }, imageOf(display, alt)),
    el('p', { class: 'tools' }, close),
  );
  showOnce(dialog);
  dialog.addEventListener('close', () => {
    opener.focus();
  });
  close.focus();
}
