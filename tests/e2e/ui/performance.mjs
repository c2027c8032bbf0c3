// Measures the page of the site at BASE_URL as a browser shows it, and prints what it measured as JSON. It asserts
// nothing: tests/bench/measure_page.py calls it and tests/bench/bars.py judges. `--quick` takes few samples.
import { setTimeout as pause } from 'node:timers/promises';
import { baseUrl, launchBrowser, openSite, patience } from './browser.mjs';

const isQuick = process.argv.includes('--quick');
const count = (full) => (isQuick ? 2 : full);
/** A processor as slow as a phone's. */
const slowdown = 4;
/** For a Job to wait again after a run has taken one. */
const refillMs = 1_500;

const warmPrint = 'print(6)\n';
const warmFigure = 'import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.show()\n';
/** 100,000 lines in each of three seconds. */
const streaming = `import time
begun = time.monotonic()
for tenth in range(30):
    print("\\n".join(str(line) for line in range(tenth * 10_000, tenth * 10_000 + 10_000)), flush=True)
    time.sleep(max(0, begun + (tenth + 1) / 10 - time.monotonic()))
`;

const browser = await launchBrowser();
try {
  const visits = await measureVisits();
  console.log(
    JSON.stringify({
      ...visits,
      long_tasks: await measureLongTasks(),
      print: await measureRuns(warmPrint, count(25), isFirstRow),
      figure: await measureRuns(warmFigure, count(15), isFirstFigure),
    }),
  );
} finally {
  await browser.close();
}

/** First visits in fresh profiles, each followed by a second one that finds everything in the cache. */
async function measureVisits() {
  const first = { usable: [], lcp: [] };
  const cached = { usable: [], lcp: [] };
  let bytes = 0;
  for (let round = 0; round < count(7); round += 1) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    for (const visit of [first, cached]) {
      const page = await context.newPage();
      const session = await context.newCDPSession(page);
      await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
      await session.send('Network.enable');
      const assets = new Set();
      let received = 0;
      session.on('Network.requestWillBeSent', ({ requestId, request }) => {
        if (!request.url.startsWith(`${baseUrl}/api/`)) assets.add(requestId);
      });
      session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
        if (assets.has(requestId)) received += encodedDataLength;
      });
      await page.addInitScript(watchLoading);
      await page.goto(baseUrl);
      await page.locator('.cm-content').waitFor({ timeout: patience });
      await page.evaluate(() => new Promise((done) => requestIdleCallback(done)));
      const { usable, lcp } = await page.evaluate(() => globalThis.loading);
      visit.usable.push(usable);
      visit.lcp.push(lcp);
      if (visit === first) bytes = Math.max(bytes, received);
      await page.close();
    }
    await context.close();
  }
  const told = ({ usable, lcp }) => ({ usable: summary(usable), lcp: summary(lcp) });
  return { first_load_bytes: bytes, first_visit: told(first), cached_visit: told(cached) };
}

/** Runs in the page, before its scripts. */
function watchLoading() {
  globalThis.loading = { usable: null, lcp: null };
  new PerformanceObserver((list) => {
    globalThis.loading.lcp = list.getEntries().at(-1).startTime;
  }).observe({ type: 'largest-contentful-paint', buffered: true });
  // There is something to write in and something to run it with.
  new MutationObserver((_, observer) => {
    if (!document.querySelector('.run') || !document.querySelector('.editor-box > *')) return;
    globalThis.loading.usable = performance.now();
    observer.disconnect();
  }).observe(document, { childList: true, subtree: true });
}

async function measureLongTasks() {
  const worst = [];
  for (let round = 0; round < count(5); round += 1) {
    const site = await openSite(browser);
    await site.page.getByText('Options of the run').click();
    await site.page.getByLabel('Output, KiB').fill('8192');
    await site.write(streaming);
    await pause(refillMs);
    await site.page.evaluate(() => {
      globalThis.tasks = [];
      new PerformanceObserver((list) => {
        globalThis.tasks.push(...list.getEntries().map(({ duration }) => duration));
      }).observe({ type: 'longtask' });
    });
    const accepted = acceptedRun(site.page);
    await site.page.keyboard.press('Control+Enter');
    // Playwright's own waiting looks at the page in every frame.
    await untilEnded(await accepted);
    await site.untilStatus(/Finished/);
    await site.untilOutput('299999');
    worst.push(Math.max(0, ...(await site.page.evaluate(() => globalThis.tasks))));
    await site.close();
  }
  return summary(worst);
}

/** From the key to the first thing that satisfies `isThere`, in runs that found a waiting Job. */
async function measureRuns(program, wanted, isThere) {
  const site = await openSite(browser);
  await site.write(program);
  await site.page.evaluate(watchRun, isThere.toString());
  const taken = [];
  for (let round = 0; taken.length < wanted && round < 2 * wanted; round += 1) {
    await pause(refillMs);
    const accepted = acceptedRun(site.page);
    await site.page.keyboard.press('Control+Enter');
    const id = await accepted;
    const milliseconds = await site.page.evaluate(() => globalThis.shown());
    await site.untilStatus(/Finished/);
    const { job } = await readRun(id);
    if (job?.name.startsWith('warm-')) taken.push(milliseconds);
  }
  await site.close();
  return summary(taken);
}

/** The id of the next run that the server accepts. */
async function acceptedRun(page) {
  const response = await page.waitForResponse(
    (response) => response.request().method() === 'POST' && response.url().endsWith('/runs'),
  );
  return (await response.json()).id;
}

async function readRun(id) {
  return (await fetch(`${baseUrl}/api/v1/runs/${id}`)).json();
}

async function untilEnded(id) {
  const deadline = Date.now() + patience;
  while (!(await readRun(id)).finished_at) {
    if (Date.now() > deadline) throw new Error(`run ${id} did not end`);
    await pause(100);
  }
}

/** Runs in the page: `shown()` resolves with the milliseconds since the latest press of Enter. */
function watchRun(isThere) {
  const isShown = new Function('rows', `return (${isThere})(rows)`);
  const rows = document.getElementById('output');
  document.addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'Enter') return;
      const { timeStamp } = event;
      const old = new Set(rows.querySelectorAll('.row'));
      const isNew = () => Array.from(rows.querySelectorAll('.row')).some((row) => !old.has(row));
      const seen = new Promise((resolve) => {
        const look = () => {
          if (!isNew() || !isShown(rows)) return;
          observer.disconnect();
          rows.removeEventListener('load', look, true);
          resolve(performance.now() - timeStamp);
        };
        const observer = new MutationObserver(look);
        observer.observe(rows, { childList: true, subtree: true });
        rows.addEventListener('load', look, true);
      });
      globalThis.shown = () => seen;
    },
    { capture: true },
  );
}

function isFirstRow(rows) {
  return rows.textContent.includes('6');
}

function isFirstFigure(rows) {
  const image = rows.querySelector('img');
  return image !== null && image.complete && image.naturalWidth > 0;
}

/** In the words of tests/bench/samples.py: nearest rank, never a value between two. */
function summary(values) {
  const sorted = values.toSorted((one, other) => one - other);
  const rank = (share) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  const told = (value) => (value === undefined ? null : Math.round(10 * value) / 10);
  return {
    count: sorted.length,
    p50_ms: told(rank(0.5)),
    p99_ms: told(rank(0.99)),
    min_ms: told(sorted[0]),
    max_ms: told(sorted.at(-1)),
  };
}
