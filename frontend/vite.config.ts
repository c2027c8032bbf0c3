// Build, development server (5173, the API proxied to the site on 8000) and the spec runner.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const site = process.env['ONESHOT_SITE'] ?? 'http://localhost:8000';
const junitFile = process.env['JUNIT_FILE'];

/** A script that runs before the first paint is no module, which is all that Vite bundles. It is named after its content too. */
function earlyScript(path: string): Plugin {
  const source = readFileSync(new URL(`.${path}`, import.meta.url), 'utf8');
  const hash = createHash('sha256').update(source).digest('base64url').slice(0, 8);
  const fileName = `assets/early-${hash}.js`;
  return {
    name: 'early-script',
    apply: 'build',
    buildStart() {
      this.emitFile({ type: 'asset', fileName, source });
    },
    transformIndexHtml: {
      order: 'pre',
      handler: (html) => html.replace(path, `/${fileName}`),
    },
  };
}

export default defineConfig({
  plugins: [earlyScript('/src/early.js')],
  // The examples are beside this folder.
  server: {
    port: 5173,
    strictPort: true,
    proxy: { '/api': site },
    fs: { allow: ['.', '../examples'] },
  },
  build: {
    target: 'es2022',
    // Every supported browser preloads modules by itself, and the polyfill would be dead weight.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: ['index.html', 'embed.html'],
      output: {
        comments: false,
        // In a folder of their own, so that the budget of the first load can leave them out.
        chunkFileNames: ({ facadeModuleId }) =>
          `assets/${facadeModuleId?.includes('/editor/names/') ? 'names/' : ''}[name]-[hash].js`,
      },
    },
  },
  json: { stringify: true },
  // nginx knows a worker by its name, and gives it a policy of its own.
  worker: {
    format: 'es',
    rolldownOptions: { output: { entryFileNames: 'assets/worker-[name]-[hash].js' } },
  },
  // Bundled in advance, it would look for its .wasm in the wrong place.
  optimizeDeps: { exclude: ['@astral-sh/ruff-wasm-web'] },
  test: {
    testTimeout: 30_000, // for a machine that is busy with something else
    include: ['src/**/*.spec.ts', 'lint/**/*.spec.js'],
    reporters: junitFile ? ['default', 'junit'] : ['default'],
    ...(junitFile ? { outputFile: { junit: junitFile } } : {}),
  },
});
