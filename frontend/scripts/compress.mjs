// Puts a compressed copy beside what is named after its content, so that nginx sends it without compressing it again for everybody
// (`gzip_static`).
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const assets = fileURLToPath(new URL('../dist/assets/', import.meta.url));
const names = readdirSync(assets, { recursive: true });
for (const name of names.filter((each) => /\.(?:js|css|wasm)$/.test(each))) {
  writeFileSync(`${assets}${name}.gz`, gzipSync(readFileSync(assets + name), { level: 9 }));
}
