// Reads back what the browser has kept. It is not trusted: another version of the page, an extension or a
// person may have written it. What does not fit counts as absent.
import type { Draft, NamedDraft } from './domain/draft';
import { cleanName } from './domain/draft-name';
import { limitNames, noOptions, type Options } from './domain/options';

type Fields = Readonly<Record<string, unknown>>;

export function parseFields(text: string | null): Fields | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : null;
  } catch {
    return null;
  }
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

export const parseNumber = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

export function parseDraft(fields: unknown): Draft | null {
  if (!isFields(fields)) return null;
  const { source, stdin, options } = fields;
  return typeof source === 'string' && typeof stdin === 'string'
    ? { source, stdin, options: parseOptions(options), files: [] }
    : null;
}

export function parseNamedDraft(text: string | null): NamedDraft | null {
  const fields = parseFields(text);
  const draft = parseDraft(fields);
  if (!fields || !draft) return null;
  const { id, name, changedAt } = fields;
  if (typeof id !== 'string' || !/^\w{1,40}$/.test(id)) return null;
  const named = cleanName(typeof name === 'string' ? name : '');
  return { ...draft, id, name: named, changedAt: parseNumber(changedAt) ?? 0 };
}

function parseOptions(value: unknown): Options {
  if (!isFields(value)) return noOptions;
  const { args, outputs, limits } = value;
  const known = isFields(limits) ? Object.entries(limits) : [];
  return {
    args: typeof args === 'string' ? args : '',
    outputs: typeof outputs === 'string' ? outputs : '',
    limits: Object.fromEntries(
      known.filter(
        ([name, limit]) =>
          (limitNames as readonly string[]).includes(name) && parseNumber(limit) !== null,
      ),
    ),
  };
}
