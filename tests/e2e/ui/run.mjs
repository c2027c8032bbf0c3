// Runs the browser tests against the site at BASE_URL (default http://localhost:8000), or with
// `--mock` against the stand-in that needs no cluster. JUNIT_FILE names a file for the report.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const mockPort = '18077';
const environment = { ...process.env };
let mock;

if (process.argv.includes('--mock')) {
  const server = fileURLToPath(new URL('../../../frontend/dev/mock-server.mjs', import.meta.url));
  mock = spawn(process.execPath, [server], {
    env: { ...process.env, PORT: mockPort },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await Promise.race([
    once(mock.stdout, 'data'),
    once(mock, 'exit').then(() => Promise.reject(new Error('the mock site did not start'))),
  ]);
  environment.BASE_URL = `http://localhost:${mockPort}`;
  environment.ONESHOT_MOCK = '1';
}

const reporters = ['--test-reporter=spec', '--test-reporter-destination=stdout'];
if (process.env.JUNIT_FILE) {
  reporters.push('--test-reporter=junit', `--test-reporter-destination=${process.env.JUNIT_FILE}`);
}
const only = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const files = readdirSync(here)
  .filter((name) => name.endsWith('.test.mjs'))
  .filter((name) => only.length === 0 || only.some((word) => name.includes(word)))
  .map((name) => here + name);
// One file at a time, because several browsers slow each other down on a small machine.
const tests = spawn(process.execPath, ['--test', '--test-concurrency=1', ...reporters, ...files], {
  env: environment,
  stdio: 'inherit',
});
const [code] = await once(tests, 'exit');
mock?.kill();
process.exit(code ?? 1);
