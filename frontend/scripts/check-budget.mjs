// Fails when the built page grows past its budget. Sizes are gzip bytes, as nginx sends them.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const KIB = 1024;
const dist = fileURLToPath(new URL('../dist/', import.meta.url));

const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    return {
      name: path.slice(dist.length),
      size: gzipSync(readFileSync(path), { level: 9 }).length,
    };
  });

const editor = (file) => /codemirror.*\.js$/.test(file.name);
const names = (file) => file.name.startsWith('assets/names/');
const ruff = (file) => /^assets\/(?:ruff|worker|format)/.test(file.name);
const first = (file) => !names(file) && !ruff(file);
const script = (file) => first(file) && file.name.endsWith('.js');
const budgets = [
  // The shell must arrive before anyone can type and run. The editor replaces a plain text box later.
  { what: 'shell scripts', limit: 60 * KIB, of: (file) => script(file) && !editor(file) },
  { what: 'editor chunk', limit: 165 * KIB, of: editor },
  { what: 'style sheets', limit: 15 * KIB, of: (file) => file.name.endsWith('.css') },
  { what: 'whole first load', limit: 250 * KIB, of: first },
  // Each is loaded when something of its package is completed.
  { what: 'names to complete', limit: 280 * KIB, of: names },
  // Loaded when a person asks for it, or has begun to write.
  { what: 'ruff', limit: 4200 * KIB, of: ruff },
];

let failed = false;
for (const { what, limit, of } of budgets) {
  const size = files.filter(of).reduce((sum, file) => sum + file.size, 0);
  const ok = size > 0 && size <= limit;
  failed ||= !ok;
  console.log(
    `${ok ? 'ok  ' : 'FAIL'} ${what}: ${(size / KIB).toFixed(1)} of ${limit / KIB} KiB gzip`,
  );
}
process.exit(failed ? 1 : 0);
