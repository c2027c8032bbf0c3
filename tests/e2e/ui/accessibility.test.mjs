// WCAG 2.2 AA as far as axe can check it, in both themes, at three widths, and in each state that looks
// different. keyboard.test.mjs has what axe cannot see.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { axePath, launchBrowser, openSite, tooMuch } from './browser.mjs';

const axe = readFileSync(axePath, 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const widths = [320, 360, 768, 1440];
const colourful = `import sys
for code in [*range(30, 38), *range(90, 98), *range(40, 48), *range(100, 108)]:
    print(f"\\033[{code}mcolour {code}\\033[0m", file=sys.stderr if code % 2 else sys.stdout)
print("\\033[1mbold\\033[0m \\033[2mdim\\033[0m \\033[7minverse\\033[0m")
for code in range(16, 256, 9):
    print(f"\\033[38;5;{code}mink\\033[0m \\033[48;5;{code}mpaper\\033[0m", end=" ")
raise ValueError("to have a traceback")
`;

// The stand-in does not run it, and shows things like these.
const showing = `# mock: shown
import matplotlib.pyplot as plt
import pandas as pd
plt.plot([1, 3, 2])
plt.title("Heights of three trees")
plt.show()
display(pd.DataFrame({f"height {i}": [21.5, None, 8.25] for i in range(30)}))
print("after")
`;

describe('accessibility', () => {
  let browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  for (const colorScheme of ['light', 'dark']) {
    for (const width of widths) {
      it(`finds no fault in ${colorScheme} at ${width} px`, async () => {
        const options = {
          colorScheme,
          viewport: { width, height: 800 },
          reducedMotion: 'reduce',
        };
        const site = await openSite(browser, options);
        await check(site, 'idle');
        await site.writeAndRun('import time\nprint("working")\ntime.sleep(30)\n');
        await site.untilOutput('working');
        await check(site, 'running');
        await site.page.keyboard.press('Control+Shift+Enter');
        await site.untilStatus(/Cancelled/);
        await check(site, 'cancelled');
        await site.writeAndRun(colourful);
        await site.untilStatus(/Failed/);
        await site.untilOutput('ValueError');
        await check(site, 'failed, in colour');
        await site.page.getByRole('button', { name: 'Find', exact: true }).click();
        await site.page.keyboard.insertText('colour');
        await site.page.getByRole('button', { name: 'Wrap lines' }).click();
        await check(site, 'searched');
        await site.writeAndRun(showing);
        await site.untilStatus(/Finished/);
        await site.untilOutput('after');
        await site.output.locator('img').waitFor();
        await site.output.locator('td').first().waitFor();
        await check(site, 'figure and table');
        await site.output.getByRole('button', { name: 'Heights of three trees' }).click();
        await check(site, 'enlarged figure');
        await site.page.keyboard.press('Escape');
        if (process.env.ONESHOT_MOCK) await checkTrouble(site);
        await (await site.openStdin()).fill('x'.repeat(tooMuch));
        await site.writeAndRun('print(1)\n');
        await site.untilStatus(/Not accepted/);
        await check(site, 'refused');
        await site.context.setOffline(true);
        await site.page.keyboard.press('Control+Enter');
        await site.untilStatus(/No connection/);
        await check(site, 'unreachable');
        await site.context.setOffline(false);
        await checkKept(site);
        await site.page.getByRole('button', { name: 'Keyboard help' }).click();
        await check(site, 'help');
        await site.page.keyboard.press('Escape');
        await site.page.getByRole('button', { name: 'Environment' }).click();
        await site.page.getByText('It has no network.').waitFor();
        await check(site, 'environment');
        await site.page.keyboard.press('Escape');
        await checkEditor(site);
        await site.close();
      });
    }
  }
});

/** What the browser keeps, and a link that leads nowhere. */
async function checkKept(site) {
  const { page } = site;
  await page.evaluate(() => (location.hash = '#run=00000000000000000000000000'));
  await page.getByText('does not have this run').waitFor();
  await check(site, 'no such run');
  await page.getByRole('button', { name: 'History' }).click();
  await check(site, 'history');
  await page.getByRole('button', { name: 'Remove all' }).click();
  await check(site, 'history, empty');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^Drafts: / }).click();
  await check(site, 'drafts');
  await page.getByRole('button', { name: /^Rename/ }).click();
  await check(site, 'renaming a draft');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
}

async function checkEditor(site) {
  const { page } = site;
  await page.getByRole('button', { name: 'Examples' }).click();
  await check(site, 'examples');
  await page.keyboard.press('Escape');
  await site.write('import statistics\nx = = 2\n');
  await page.locator('.cm-problems').waitFor();
  await page.keyboard.press('Control+F');
  await check(site, 'problems, and finding');
  await page.keyboard.press('Escape');
  await page.keyboard.type('statistics.med');
  await page.locator('.cm-completionInfo').waitFor();
  await check(site, 'completion');
}

/** What a healthy system does not show on demand. */
async function checkTrouble(site) {
  await site.writeAndRun('# mock: full\n');
  await site.page.getByText(/No node has room/).waitFor();
  await check(site, 'waiting');
  await site.page.keyboard.press('Control+Shift+Enter');
  await site.untilStatus(/Cancelled/);
  await site.writeAndRun('# mock: reset\nprint("again")\n');
  await site.untilStatus(/Finished/);
  await site.page.getByText(/1st start was interrupted/).waitFor();
  await check(site, 'interrupted');
}

async function check(site, state) {
  await site.page.evaluate(axe);
  // Elsewhere the header, which stays, covers a part of something and makes a small target of it.
  await site.page.evaluate(() => globalThis.scrollTo(0, 0));
  const violations = await site.page.evaluate(
    async (values) =>
      (await globalThis.axe.run(document, { runOnly: { type: 'tag', values } })).violations.map(
        ({ id, nodes }) =>
          `${id}: ${nodes.map((node) => `${node.html} (${node.failureSummary})`).join('; ')}`,
      ),
    rules,
  );
  assert.deepEqual(violations, [], `state: ${state}`);
  const overflow = await site.page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  assert.ok(overflow <= 0, `${state}: the page scrolls sideways by ${overflow} px`);
}
