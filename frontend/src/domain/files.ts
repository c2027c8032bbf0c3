// Files that are given to a run beside its program.
import type { Contract } from './run';

export interface RunFile {
  /** Relative to main.py, with / between names. */
  readonly path: string;
  readonly bytes: number;
  /** Text, or anything else as base64. */
  readonly content: { readonly text: string } | { readonly base64: string };
}

/** What the installation allows. */
export interface FileBounds {
  readonly count: number;
  /** Of all files together. */
  readonly bytes: number;
}

/** Until the server has said what it allows: its defaults. */
export const usualFileBounds: FileBounds = { count: 100, bytes: 8 * 1024 * 1024 };

export const toSubmittedFile = ({ path, content }: RunFile): Contract['File'] =>
  'text' in content ? { path, content: content.text } : { path, content_b64: content.base64 };

export function fromSubmittedFile({ path, content, content_b64 }: Contract['File']): RunFile {
  if (typeof content_b64 !== 'string') {
    const text = content ?? '';
    return { path, bytes: new TextEncoder().encode(text).length, content: { text } };
  }
  const bytes = Math.floor((content_b64.replace(/=+$/, '').length * 3) / 4);
  return { path, bytes, content: { base64: content_b64 } };
}

/** `added` beside `files`: one of the same path takes the other's place. */
export const addFiles = (
  files: readonly RunFile[],
  added: readonly RunFile[],
): readonly RunFile[] => [
  ...files.filter(({ path }) => added.every((file) => file.path !== path)),
  ...added,
];

export const bytesOf = (files: readonly RunFile[]): number =>
  files.reduce((sum, { bytes }) => sum + bytes, 0);

export type FileFault = 'too_many' | 'too_large';

/** What keeps the server from taking these files. */
export function faultOf(files: readonly RunFile[], bounds: FileBounds): FileFault | null {
  if (files.length > bounds.count) return 'too_many';
  return bytesOf(files) > bounds.bytes ? 'too_large' : null;
}

/** A name that the server takes: that of a file on this computer, which may have other rules. */
export const pathOf = (name: string): string => {
  // eslint-disable-next-line no-control-regex -- these are what is not allowed
  const allowed = name.replace(/[\x00-\x1f\x7f\\/]/g, '_');
  if (allowed === 'main.py') return 'main_1.py';
  return ['', '.', '..'].includes(allowed) ? '_' : allowed;
};

/** How a program gets at it. */
export const isModule = (path: string): boolean => /^[\p{L}_][\p{L}\p{N}_]*\.py$/u.test(path);

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** In steps, because a call has room for a limited number of arguments. */
function base64Of(bytes: Uint8Array): string {
  const step = 0x8000;
  let binary = '';
  for (let at = 0; at < bytes.length; at += step)
    binary += String.fromCharCode(...bytes.subarray(at, at + step));
  return btoa(binary);
}

export function aRunFile(name: string, bytes: Uint8Array): RunFile {
  const text = textOf(bytes);
  return {
    path: pathOf(name),
    bytes: bytes.length,
    content: text === null ? { base64: base64Of(bytes) } : { text },
  };
}

/** Its beginning; null when it is no text. */
export const previewOf = ({ content }: RunFile, length: number): string | null =>
  'text' in content ? content.text.slice(0, length) : null;
