// A program that comes from a file: UTF-8 text with the line ends of this page.

/** As much as a submission may have by default. */
export const mostProgramBytes = 256 * 1024;

export type ProgramFile =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'too_large' | 'binary' | 'not_utf8' };

export function decodeProgram(bytes: Uint8Array<ArrayBuffer>): ProgramFile {
  if (bytes.length > mostProgramBytes) return { kind: 'too_large' };
  if (isUtf16(bytes)) return { kind: 'not_utf8' };
  if (bytes.includes(0)) return { kind: 'binary' };
  try {
    // Drops a byte order mark by itself.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { kind: 'text', text: text.replace(/\r\n?/g, '\n') };
  } catch {
    return { kind: 'not_utf8' };
  }
}

/** By its byte order mark: half of its bytes may be zero. */
const isUtf16 = ([first, second]: Uint8Array): boolean =>
  (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);

export const isProgramName = (name: string): boolean => /\.pyw?$/i.test(name);
