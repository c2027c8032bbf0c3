// What the editor and its worker say to each other.

export interface RuffRequest {
  readonly number: number;
  readonly kind: 'check' | 'format';
  readonly text: string;
}

/** Of ruff. Lines and columns begin with 1, columns count UTF-16 units. */
export interface Finding {
  readonly code: string | null;
  readonly message: string;
  readonly start_location: { readonly row: number; readonly column: number };
  readonly end_location: { readonly row: number; readonly column: number };
}

export type RuffAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'checked'; readonly number: number; readonly findings: readonly Finding[] }
  /** Null: the program is not valid Python. */
  | { readonly kind: 'formatted'; readonly number: number; readonly text: string | null };
