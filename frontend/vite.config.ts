// Build, development server (5173, the API proxied to the site on 8000) and the spec runner.
import { defineConfig } from 'vitest/config';

const site = process.env['ONESHOT_SITE'] ?? 'http://localhost:8000';
const junitFile = process.env['JUNIT_FILE'];

export default defineConfig({
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
