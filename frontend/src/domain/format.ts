// Durations, sizes and counts as people read them.

/** `12,345`, `0.5`. By hand: the first Intl.NumberFormat of a page takes a third of the time until it can be used. */
export function formatCount(value: number): string {
  const [whole = '', fraction] = String(Math.round(value * 1_000) / 1_000).split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** Milliseconds in about three digits: `12 ms`, `1.23 s`, `12.3 s`, `2 min 5 s`. */
export function formatDuration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_995) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** An estimate, rounded up to what can be known of it: `10 s`, `50 s`, `3 min`, `2 h`. */
export function formatRoughly(milliseconds: number): string {
  const seconds = Math.max(10, Math.ceil(milliseconds / 10_000) * 10);
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.ceil(milliseconds / 60_000);
  return minutes < 100 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
}

/** A running clock: one decimal, so that its width stays and its last digit can be read. */
export function formatClock(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 60_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1000)} s`;
}

const moment = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** A day and a time of this browser: `Nov 30, 2026, 8:22 PM`. */
export const formatMoment = (milliseconds: number): string => moment.format(milliseconds);

/** Whole seconds without a needless fraction: `10 s`, `0.5 s`. */
export const formatSeconds = (seconds: number): string => `${formatCount(seconds)} s`;

/** Binary units, as the limits are counted: `512 B`, `1.5 KiB`, `256 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1023.95 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || Number.isInteger(value) || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit] ?? ''}`;
}
