// What the page says of the installation.
import type { Environment } from '../domain/environment';
import { formatBytes, formatCount, formatSeconds } from '../domain/format';
import type { LimitName } from '../domain/options';
import { plural } from './phrases';

const ofLimit = (name: LimitName, value: number): string => {
  switch (name) {
    case 'wall_seconds':
    case 'cpu_seconds':
      return formatSeconds(value);
    case 'memory_mib':
    case 'scratch_mib':
      return value === 0 ? 'none' : `${formatCount(value)} MiB`;
    case 'output_bytes':
      return formatBytes(value);
  }
};

export const environmentWords = {
  open: 'Environment',
  loading: 'Loading what the installation has…',
  sandbox: 'Each run has a sandbox of its own, which is used once and thrown away.',
  rules: (limits: Environment['limits']): readonly string[] => {
    const { scratch_mib } = limits.maxima;
    const rules = [
      'It has no network.',
      scratch_mib > 0
        ? `Its files are read-only. A run that asks for scratch space can write up to ${ofLimit('scratch_mib', scratch_mib)} in its directory, in memory.`
        : 'Its files are read-only.',
      'It has no privileges and sees no other run. Nothing of it remains but the output, the figures, the tables and the files that come back.',
      limits.processes && `It has at most ${formatCount(limits.processes)} processes and threads.`,
      limits.displays &&
        `It can show up to ${plural(limits.displays, 'figure or table', 'figures and tables')}.`,
      limits.source_bytes && `Its program may have up to ${formatBytes(limits.source_bytes)}.`,
      limits.stdin_bytes && `Its standard input may have up to ${formatBytes(limits.stdin_bytes)}.`,
      limits.files &&
        limits.file_bytes &&
        `It can bring up to ${plural(limits.files, 'file', 'files')}, ${formatBytes(limits.file_bytes)} together.`,
      scratch_mib > 0 &&
        limits.output_files &&
        limits.output_file_bytes &&
        `Of what it writes, up to ${plural(limits.output_files, 'file', 'files')} can come back, ${formatBytes(limits.output_file_bytes)} together.`,
    ];
    return rules.filter((rule) => typeof rule === 'string');
  },
  limitsHeading: 'Limits',
  columns: ['Limit', 'Default', 'At most'],
  limits: {
    wall_seconds: 'Time',
    cpu_seconds: 'CPU time',
    memory_mib: 'Memory',
    output_bytes: 'Output',
    scratch_mib: 'Scratch space',
  },
  value: ofLimit,
  python: (version: string | null): string => (version === null ? 'Python' : `Python ${version}`),
  search: 'Packages',
  found: (found: number, all: number): string =>
    found === all
      ? plural(all, 'package', 'packages')
      : `${formatCount(found)} of ${formatCount(all)}`,
  apiHeading: 'HTTP API',
  api: 'Its description (OpenAPI)',
} as const;
