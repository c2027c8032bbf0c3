// Build, development server (5173, the API proxied to the site on 8000) and the spec runner.
import { defineConfig } from 'vitest/config';

const site = process.env['ONESHOT_SITE'] ?? 'http://localhost:8000';
const junitFile = process.env['JUNIT_FILE'];

export default defineConfig({
  server: { port: 5173, strictPort: true, proxy: { '/api': site } },
  build: {
    target: 'es2022',
    // Every supported browser preloads modules by itself, and the polyfill would be dead weight.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: { input: ['index.html', 'embed.html'], output: { comments: false } },
  },
  test: {
    testTimeout: 30_000, // for a machine that is busy with something else
    include: ['src/**/*.spec.ts', 'lint/**/*.spec.js'],
    reporters: junitFile ? ['default', 'junit'] : ['default'],
    ...(junitFile ? { outputFile: { junit: junitFile } } : {}),
  },
});
