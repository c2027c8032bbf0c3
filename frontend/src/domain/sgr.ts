// ANSI "select graphic rendition": colours and weight of terminal text.

/** 0-15 of the palette, or a CSS colour for the larger colour spaces. */
export type Colour = number | string;

export interface TextStyle {
  readonly foreground: Colour | null;
  readonly background: Colour | null;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly strike: boolean;
  readonly inverse: boolean;
}

export const plain: TextStyle = {
  foreground: null,
  background: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  strike: false,
  inverse: false,
};

/** The style after `parameters`, the text between `ESC [` and `m`. Unknown codes change nothing. */
export function applySgr(style: TextStyle, parameters: string): TextStyle {
  const codes = parameters.split(';');
  let next = style;
  for (let i = 0; i < codes.length; i += 1) {
    const [head = '', ...sub] = (codes[i] ?? '').split(':');
    const code = head === '' ? 0 : Number(head);
    if (code === 38 || code === 48) {
      // `38;5;n` spreads over several codes, `38:5:n` holds everything in one.
      const args =
        sub.length > 0 ? sub.filter(Boolean).map(Number) : codes.slice(i + 1, i + 5).map(Number);
      if (sub.length === 0) i += args[0] === 2 ? 4 : 2;
      const colour = extendedColour(args);
      if (colour !== null) next = { ...next, [code === 38 ? 'foreground' : 'background']: colour };
    } else if (code === 58) {
      // The colour of the underline is not shown, but its arguments must not be read as codes.
      if (sub.length === 0) i += Number(codes[i + 1]) === 2 ? 4 : 2;
    } else {
      next = applyCode(next, code, sub[0]);
    }
  }
  return next;
}

function applyCode(style: TextStyle, code: number, variant: string | undefined): TextStyle {
  if (code >= 30 && code <= 37) return { ...style, foreground: code - 30 };
  if (code >= 90 && code <= 97) return { ...style, foreground: code - 90 + 8 };
  if (code >= 40 && code <= 47) return { ...style, background: code - 40 };
  if (code >= 100 && code <= 107) return { ...style, background: code - 100 + 8 };
  switch (code) {
    case 0:
      return plain;
    case 1:
      return { ...style, bold: true };
    case 2:
      return { ...style, dim: true };
    case 3:
      return { ...style, italic: true };
    case 4:
      return { ...style, underline: variant !== '0' };
    case 7:
      return { ...style, inverse: true };
    case 9:
      return { ...style, strike: true };
    case 21:
      return { ...style, underline: true };
    case 22:
      return { ...style, bold: false, dim: false };
    case 23:
      return { ...style, italic: false };
    case 24:
      return { ...style, underline: false };
    case 27:
      return { ...style, inverse: false };
    case 29:
      return { ...style, strike: false };
    case 39:
      return { ...style, foreground: null };
    case 49:
      return { ...style, background: null };
    default:
      return style;
  }
}

/** `5;n` of 256 colours, or `2;r;g;b` (`2:space:r:g:b` with colons: the last three count). */
function extendedColour(args: readonly number[]): Colour | null {
  const isByte = (value: number | undefined): value is number =>
    value !== undefined && Number.isInteger(value) && value >= 0 && value <= 255;
  if (args[0] === 5) {
    const index = args[1];
    if (!isByte(index)) return null;
    return index < 16 ? index : paletteColour(index);
  }
  if (args[0] === 2) {
    const [r, g, b] = args.length === 5 ? args.slice(2) : args.slice(1, 4);
    if (isByte(r) && isByte(g) && isByte(b)) return `rgb(${r}, ${g}, ${b})`;
  }
  return null;
}

/** 16-231 are a 6x6x6 cube, 232-255 greys. Source: xterm's 256colres. */
function paletteColour(index: number): string {
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return `rgb(${grey}, ${grey}, ${grey})`;
  }
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
  const cube = index - 16;
  const [r, g, b] = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level);
  return `rgb(${r ?? 0}, ${g ?? 0}, ${b ?? 0})`;
}
