// A stand-in for the site, for work on the page alone. It serves dist/ with the security headers of
// nginx and answers the API by running programs with the local python3. It is for development and
// browser tests only: it has no sandbox, listens on loopback and is never part of the build.
//
// A program whose first line is `# mock: <scene>` plays what a local process cannot: busy, queued, oom,
// forks, lost, reset, full, refused, flood, shown, or one of the answers that leave open whether the run was
// accepted: unconfirmed, broken, garbled. A repetition with the same key is answered, the garbled one
// as before.
import { spawn } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment, figure, limits, outputFilesOf, table } from './mock-answers.mjs';

const port = Number(process.env.PORT ?? 8000);
const dist = fileURLToPath(new URL('../dist', import.meta.url));
const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};
const csp = (path) =>
  `default-src 'none'; script-src 'self'${path.startsWith('/assets/worker-') ? " 'wasm-unsafe-eval'" : ''}; ` +
  "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; " +
  "require-trusted-types-for 'script'";

// What nginx sends with a share that another site may show.
const embedCsp =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "frame-ancestors 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'";

const runs = new Map();
const shares = new Map();
const runsByKey = new Map();
const mostShares = 1000;
let busyAnswers = 0;

createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  const [, id, action, number] =
    /^\/api\/v1\/runs\/(\w+)(?:\/([\w-]+))?(?:\/(\d+))?$/.exec(pathname) ?? [];
  const [, shareId, part = '', display] =
    /^\/api\/v1\/shares\/(\w+)(?:\/([\w-]+))?(?:\/(\d+))?$/.exec(pathname) ?? [];
  if (pathname === '/api/v1/environment') json(response, 200, environment);
  else if (pathname === '/api/v1/runs' && request.method === 'POST') void create(request, response);
  else if (pathname === '/api/v1/shares') void share(request, response);
  else if (shareId) serveShare(shareId, part, display, request, response);
  else if (!pathname.startsWith('/api/')) serveFile(pathname, response);
  else if (!runs.has(id)) problem(response, 404, 'Run not found', 'No run has this ID.');
  else if (action === 'displays') serveDisplay(number, response);
  else if (action === 'output-files') serveOutputFile(response);
  else if (action === 'events') follow(runs.get(id), request, response);
  else if (action === 'submission') json(response, 200, runs.get(id).submission);
  else if (request.method === 'DELETE') {
    runs.delete(id);
    response.writeHead(204).end();
  } else if (action === 'cancel') {
    end(runs.get(id), { status: 'cancelled', reason: 'cancelled' });
    json(response, 202, view(runs.get(id)));
  } else if (action) {
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
    const records = runs.get(id).events.filter(({ name }) => name === action);
    response.end(records.map(({ data }) => data.text).join(''));
  } else json(response, 200, view(runs.get(id)));
}).listen(port, '127.0.0.1', () => console.log(`mock site on http://localhost:${port}`));

async function bodyOf(request) {
  let body = '';
  for await (const chunk of request) body += chunk;
  return JSON.parse(body);
}

async function share(request, response) {
  const run = runs.get((await bodyOf(request)).run_id);
  if (!run?.ended) return problem(response, 409, 'The run is still active', 'Wait for its end.');
  if (shares.size >= mostShares)
    return problem(response, 507, 'There is no room for another share', 'The limit is 0 bytes.');
  const secret = () =>
    Array.from({ length: 32 }, () => Math.floor(Math.random() * 32).toString(32)).join('');
  const made = { id: secret(), token: secret(), run, created_at: new Date().toISOString() };
  made.expires_at = new Date(Date.now() + 30 * 86_400_000).toISOString();
  shares.set(made.id, made);
  const { id, token, created_at, expires_at } = made;
  json(response, 201, { id, created_at, expires_at, run_id: run.id, revoke_token: token });
}

function serveShare(id, part, number, request, response) {
  const known = shares.get(id);
  if (!known) return problem(response, 404, 'Nothing is shared here', 'It is gone.');
  if (request.method === 'DELETE') {
    if (request.headers['revoke-token'] !== known.token)
      return problem(response, 403, 'Not yours to revoke', 'The token is another one.');
    shares.delete(id);
    return response.writeHead(204).end();
  }
  const { run, created_at, expires_at } = known;
  if (part === 'displays') return serveDisplay(number, response);
  if (part === 'output-files') return serveOutputFile(response);
  if (part === 'submission') return json(response, 200, run.submission);
  // One piece in each answer.
  const after = Number(new URL(request.url, 'http://localhost').searchParams.get('after').slice(2));
  const pieces = run.events.filter(({ name }) => /^(stdout|stderr|display)$/.test(name));
  const merged = pieces.slice(after, after + 1).map(({ name, data }) => {
    if (name !== 'display') return { ...data, stream: name };
    return { display: { ...data, url: `/api/v1/shares/${id}/displays/${data.number}` } };
  });
  const merged_cut = after + 1 < pieces.length;
  const shown = { ...view(run), merged, merged_cut, next_after: `1-${after + 1}` };
  json(response, 200, { id, created_at, expires_at, run: shown });
}

async function create(request, response) {
  const submission = await bodyOf(request);
  const { source, stdin = '' } = submission;
  const scene = /^# mock: (\w+)/.exec(source)?.[1];
  const key = request.headers['idempotency-key'];
  if (runsByKey.has(key) && scene !== 'garbled') {
    return json(response, 200, view(runsByKey.get(key)));
  }
  if (stdin.length > 262144 || scene === 'refused') {
    const errors = [
      {
        pointer: '/stdin',
        code: 'too_large',
        detail: `has ${stdin.length || 300_000} bytes; the limit is 262144`,
      },
      ...(scene
        ? [{ pointer: '/limits/wall_seconds', code: 'out_of_range', detail: 'must be at most 60' }]
        : []),
    ];
    return problem(response, 422, 'The run is invalid', '/stdin has too many bytes.', {
      errors,
    });
  }
  if (scene === 'busy' && busyAnswers++ % 2 === 0) {
    response.setHeader('retry-after', '2');
    return problem(response, 503, 'Too many requests', 'Try again later.', { code: 'overloaded' });
  }
  const id = `01j${Math.random().toString(36).slice(2, 12)}${runs.size}`;
  const run = {
    id,
    status: 'queued',
    attempt: 1,
    interruptions: [],
    events: [],
    seq: 0,
    bytes: { stdout: 0, stderr: 0 },
    watchers: new Set(),
    facts: {},
    submission: { stdin, args: [], ...submission, limits: { ...limits, ...submission.limits } },
    created: Date.now(),
  };
  runs.set(id, run);
  runsByKey.set(key, run);
  accept(scene, run, response);
  if (scene === 'queued') return queue(run, 3, () => execute(run, source, stdin));
  if (scene === 'full') return waitForRoom(run, () => execute(run, source, stdin));
  if (scene === 'lost') return end(run, { status: 'error', reason: 'unschedulable', attempt: 3 });
  if (scene === 'oom')
    return end(run, {
      status: 'out_of_memory',
      reason: 'out_of_memory',
      started_at: 'now',
      peak_memory_bytes: 268435456,
      timings: { wall_ms: 812, cpu_ms: 790, queued_ms: 4, startup_ms: 9 },
    });
  if (scene === 'forks')
    return end(run, {
      status: 'failed',
      reason: 'process_limit_exceeded',
      message: 'more than 64 processes and threads',
      signal: 9,
    });
  if (scene === 'flood') return flood(run);
  if (scene === 'shown') return show(run);
  execute(run, source, stdin);
  if (scene === 'reset') run.resetAfterOutput = true;
}

function accept(scene, run, response) {
  if (scene === 'unconfirmed') {
    const detail = 'The database did not confirm the request.';
    problem(response, 503, 'The outcome is unknown', detail, { code: 'unknown_outcome' });
  } else if (scene === 'broken') {
    response.writeHead(201, { 'content-type': 'application/json', 'content-length': 1000 });
    response.write('{', () => response.destroy());
  } else json(response, 201, scene === 'garbled' ? { hello: 1 } : view(run));
}

function queue(run, position, then) {
  if (run.ended) return;
  if (position === 0) return then();
  publish(run, 'status', { status: 'queued', queue_position: position, attempt: 0 });
  setTimeout(() => queue(run, position - 1, then), 700);
}

function waitForRoom(run, then) {
  run.message = 'no node has room: 0/1 nodes are available: insufficient memory <b>';
  publish(run, 'status', { status: 'starting', queue_position: null, attempt: 1 });
  setTimeout(() => run.ended || then(), 5_000);
}

function execute(run, source, stdin) {
  run.started = Date.now();
  publish(run, 'status', { status: 'running', queue_position: null, attempt: 1 });
  run.child = spawn('python3', [
    '-u',
    '-c',
    'import sys; s=sys.argv.pop(); sys.argv=["main.py"]; exec(compile(s, "main.py", "exec"))',
    source,
  ]);
  run.child.stdin.on('error', () => undefined);
  run.child.stdin.end(stdin);
  for (const name of ['stdout', 'stderr']) {
    run.child[name].setEncoding('utf8').on('data', (text) => output(run, name, text));
  }
  run.timer = setTimeout(
    () => end(run, { status: 'timed_out', reason: 'wall_time_exceeded' }),
    10_000,
  );
  run.child.on('close', (code, signal) => {
    const number = signal ? ({ SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 }[signal] ?? 1) : null;
    end(run, {
      status: code === 0 ? 'succeeded' : 'failed',
      reason: signal ? 'signaled' : 'exited',
      exit_code: code,
      signal: number,
    });
  });
}

function flood(run) {
  run.started = Date.now();
  publish(run, 'status', { status: 'running', queue_position: null, attempt: 1 });
  for (let chunk = 0; chunk < 200; chunk += 1) {
    const lines = Array.from({ length: 5_000 }, (_, i) => `line ${chunk * 5_000 + i}\n`);
    output(run, 'stdout', lines.join(''));
  }
  run.dropped = 6_000_000;
  output(run, 'stdout', 'the last line\n', { dropped_bytes: run.dropped });
  end(run, { status: 'succeeded', reason: 'exited', exit_code: 0 });
}

function show(run) {
  const facts = [
    { mime: 'image/svg+xml', width: 640, height: 480, alt: 'Heights of three trees' },
    {
      mime: 'application/vnd.oneshot.table+json',
      width: null,
      height: null,
      alt: 'DataFrame, 1000 rows and 40 columns',
    },
  ];
  publish(run, 'status', { status: 'running', queue_position: null, attempt: 1 });
  output(run, 'stdout', 'before\n');
  facts.forEach((each, number) => {
    const url = `/api/v1/runs/${run.id}/displays/${number}`;
    publish(
      run,
      'display',
      { ...each, number, url, bytes: 1, ms: 1 },
      `${run.attempt}-${run.seq++}`,
    );
  });
  output(run, 'stdout', 'after\n');
  const left = { output_files: outputFilesOf(run.id), dropped_output_files: 2 };
  end(run, { status: 'succeeded', reason: 'exited', exit_code: 0, ...left });
}

function serveOutputFile(response) {
  const headers = {
    'content-type': 'application/octet-stream',
    'content-disposition': 'attachment',
  };
  response.writeHead(200, headers).end('x,y\n1,1\n');
}

function serveDisplay(number, response) {
  const type = number === '0' ? 'image/svg+xml' : 'application/vnd.oneshot.table+json';
  response.writeHead(200, { 'content-type': type });
  response.end(number === '0' ? figure : JSON.stringify(table));
}

function output(run, name, text, more = {}) {
  if (!run.ended) {
    run.bytes[name] += Buffer.byteLength(text);
    // A record is one event or several, of which only the last has an id.
    const ms = Date.now() - run.started;
    const cut = text.lastIndexOf('\n', text.length - 2) + 1;
    const id = `${run.attempt}-${run.seq++}`;
    if (cut > 0) publish(run, name, { text: text.slice(0, cut), ms });
    publish(run, name, { text: text.slice(cut), ms, ...more }, id);
  }
  if (run.resetAfterOutput && run.attempt === 1) interrupt(run);
}

function interrupt(run) {
  const at = new Date().toISOString();
  const attempt = run.attempt++;
  run.interruptions.push({ attempt, reason: 'pod_lost', message: null, node: 'node-a', at });
  publish(run, 'reset', { attempt: run.attempt });
  publish(run, 'status', { status: 'running', queue_position: null, attempt: run.attempt });
}

function end(run, facts) {
  if (run.ended) return;
  run.ended = true;
  clearTimeout(run.timer);
  run.child?.kill('SIGKILL');
  const wall = run.started ? Date.now() - run.started : null;
  run.facts = {
    started_at: run.started ? new Date(run.started).toISOString() : null,
    timings: {
      queued_ms: 3,
      startup_ms: 12,
      wall_ms: wall,
      cpu_ms: wall && Math.round(wall * 0.8),
    },
    peak_memory_bytes: run.started ? 35_651_584 : null,
    ...facts,
  };
  run.status = facts.status;
  publish(run, 'end', view(run));
  for (const watcher of run.watchers) watcher.end();
}

function view(run) {
  return {
    id: run.id,
    status: run.status,
    exit_code: null,
    signal: null,
    message: run.ended ? null : (run.message ?? null),
    interruptions: run.interruptions,
    truncated: Boolean(run.dropped),
    output: {
      stdout_bytes: run.dropped ? limits.output_bytes + run.dropped : run.bytes.stdout,
      stderr_bytes: run.bytes.stderr,
      stdout_dropped_bytes: run.dropped ?? 0,
      stderr_dropped_bytes: 0,
    },
    attempt: run.attempt,
    queue_position: null,
    limits,
    ...run.facts,
  };
}

function publish(run, name, data, id) {
  if (name === 'status') run.status = data.status;
  const event = { name, data, id };
  run.events.push(event);
  for (const watcher of run.watchers) watcher.write(format(event));
}

function follow(run, request, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write('retry: 500\n\n');
  const last = run.events.findIndex(({ id }) => id && id === request.headers['last-event-id']);
  for (const event of run.events.slice(last + 1)) response.write(format(event));
  if (run.ended) return response.end();
  run.watchers.add(response);
  request.on('close', () => run.watchers.delete(response));
}

const format = ({ name, data, id }) =>
  `event: ${name}\n${id ? `id: ${id}\n` : ''}data: ${JSON.stringify(data)}\n\n`;

function problem(response, status, title, detail, { code = 'mock', errors = [] } = {}) {
  json(
    response,
    status,
    { type: 'about:blank', title, status, detail, code, request_id: 'mock-1', errors },
    'application/problem+json',
  );
}

function json(response, status, body, type = 'application/json') {
  response.writeHead(status, { 'content-type': type });
  response.end(JSON.stringify(body));
}

function serveFile(pathname, response) {
  const documents = { '/': '/index.html', '/embed': '/embed.html' };
  const path = join(dist, normalize(documents[pathname] ?? pathname));
  if (!existsSync(path))
    return problem(response, 404, 'Page not found', 'The site has no such page.');
  response.writeHead(200, {
    'content-type': types[extname(path)] ?? 'application/octet-stream',
    'content-security-policy': pathname === '/embed' ? embedCsp : csp(pathname),
    'referrer-policy': 'no-referrer',
  });
  createReadStream(path).pipe(response);
}
