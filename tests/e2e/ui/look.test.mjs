// The page as its reader sets it up: what can be done with the output, the theme, the room of each part, and what
// it tells about the installation.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { useSite } from './browser.mjs';

const manyLines =
  'for i in range(100_000):\n    print("line", i, "needle" if i % 50 == 0 else "")\n';

describe('the output tools', () => {
  let site;
  let keyboard;
  useSite((opened) => {
    site = opened;
    keyboard = site.page.keyboard;
  });
  const field = () => site.page.getByRole('textbox', { name: 'Find in the output' });
  const tool = (name) => site.page.getByRole('button', { name, exact: true });
  const marked = (name) =>
    site.page.evaluate((key) => Array.from(globalThis.CSS.highlights.get(key) ?? [], String), name);

  it('find in 100,000 lines by the keyboard alone', async () => {
    await site.writeAndRun(manyLines);
    await site.untilStatus(/Finished/);
    await site.untilOutput('line 99999');
    await site.output.focus();
    await keyboard.press('Control+F');
    await keyboard.insertText('NEEDLE');
    const count = site.page.locator('.find-count');
    await count.filter({ hasText: /^\d+ of \d\d+$/ }).waitFor();
    const before = Number.parseInt(await count.innerText(), 10);
    await keyboard.press('Enter');
    await count.filter({ hasText: new RegExp(`^(?!${before} of)\\d+ of`) }).waitFor();
    assert.deepEqual(await marked('found-now'), ['needle']);
    assert.ok((await marked('found')).length > 0);
    await keyboard.press('Escape');
    assert.equal(await site.focused(), 'Program output');
    assert.deepEqual(await marked('found'), []);
  });

  it('find scrolls to what is far away, and sideways too', async () => {
    await site.writeAndRun(
      'print("needle")\nfor i in range(900):\n    print(i, "x" * 500, "far")\n',
    );
    await site.untilStatus(/Finished/);
    await site.untilOutput('899');
    await tool('Wrap lines').click();
    await tool('Find').click();
    for (const text of ['needle', 'far']) {
      await field().fill(text);
      await site.page.waitForFunction((wanted) => {
        const [range] = globalThis.CSS.highlights.get('found-now') ?? [];
        const place = range?.getBoundingClientRect();
        const frame = document.getElementById('output').getBoundingClientRect();
        return (
          String(range) === wanted &&
          place.top >= frame.top &&
          place.bottom <= frame.bottom &&
          place.left >= frame.left &&
          place.right <= frame.right
        );
      }, text);
    }
  });

  it('wrap lines or scroll sideways, and the browser keeps it', async () => {
    const width = () =>
      site.output.evaluate((element) => element.scrollWidth - element.clientWidth);
    await site.writeAndRun('print("x" * 1500)\n');
    await site.untilStatus(/Finished/);
    assert.equal(await width(), 0);
    await tool('Wrap lines').focus();
    await keyboard.press('Space');
    assert.ok((await width()) > 1000);
    await site.page.reload();
    await site.editor.waitFor();
    assert.equal(await tool('Wrap lines').getAttribute('aria-pressed'), 'false');
  });

  it('save the bytes of each stream', async () => {
    await site.writeAndRun(
      'import os, sys\nos.write(1, b"\\xffraw\\n")\nprint("error", file=sys.stderr)\n',
    );
    await site.untilStatus(/Finished/);
    for (const [stream, wanted] of [
      ['stdout', /raw\n$/],
      ['stderr', /^error\n$/],
    ]) {
      const waits = site.page.waitForEvent('download');
      await tool(`Save ${stream}`).click();
      const download = await waits;
      assert.ok(download.suggestedFilename().includes(stream)); // the site names it, or else the page
      assert.match(await readFile(await download.path(), 'latin1'), wanted);
    }
  });

  it('copy what is shown', async () => {
    await site.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await site.writeAndRun('print("\\033[31mred\\033[0m <b>")\n');
    await site.untilStatus(/Finished/);
    await tool('Copy all').click();
    await site.page.getByText('Copied').waitFor();
    assert.equal(await site.page.evaluate(() => navigator.clipboard.readText()), 'red <b>\n');
  });

  it('clear what is there, and the next run shows its own', async () => {
    await site.writeAndRun('print("old")\n');
    await site.untilStatus(/Finished/);
    await tool('Clear').click();
    await site.page.locator('.output-empty').filter({ hasText: 'cleared' }).waitFor();
    assert.equal(await site.output.innerText(), '');
    await site.writeAndRun('print("new")\n');
    await site.untilOutput('new');
  });
});

describe('the theme', () => {
  let site;
  useSite((opened) => {
    site = opened;
  });
  const background = () =>
    site.page.evaluate(() => globalThis.getComputedStyle(document.body).backgroundColor);

  it('is that of the system until another one is chosen, which is kept', async () => {
    const light = await background();
    await site.page.emulateMedia({ colorScheme: 'dark' });
    // The page hears of it a moment later.
    await site.page.waitForFunction(
      (before) => globalThis.getComputedStyle(document.body).backgroundColor !== before,
      light,
    );
    const dark = await background();
    const theme = site.page.getByLabel('Theme');
    await theme.focus();
    await site.page.keyboard.press('L'); // Light
    assert.equal(await background(), light);
    assert.equal(
      await site.page.evaluate(
        () => globalThis.getComputedStyle(document.documentElement).colorScheme,
      ),
      'light',
    );
    await site.page.reload();
    await site.editor.waitFor();
    assert.equal(await background(), light);
    await theme.selectOption('System');
    assert.equal(await background(), dark);
  });

  it('is there before the page has been built', async () => {
    const light = await background();
    await site.page.getByLabel('Theme').selectOption('Dark');
    await site.page.route('**/assets/index-*.js', (route) => route.abort());
    await site.page.reload();
    assert.equal(await site.page.locator('#app').innerHTML(), '');
    assert.notEqual(await background(), light);
  });
});

describe('the room of each part', () => {
  let site;
  useSite((opened) => {
    site = opened;
  });
  const bar = () => site.page.getByRole('separator', { name: 'Room for the program' });
  const sizes = async () => {
    const program = await site.page.locator('#program').boundingBox();
    const output = await site.output.boundingBox();
    return [Math.round(program.width), Math.round(output.width)];
  };

  it('is changed by the keyboard, kept, and never taken away', async () => {
    const [before] = await sizes();
    await bar().focus();
    await site.page.keyboard.press('ArrowRight');
    assert.equal(await bar().getAttribute('aria-valuenow'), '55');
    assert.ok((await sizes())[0] > before);
    await site.page.keyboard.press('End');
    await site.page.reload();
    await site.editor.waitFor();
    assert.equal(await bar().getAttribute('aria-valuenow'), '80');
    await site.page.setViewportSize({ width: 900, height: 700 });
    for (const key of ['End', 'Home']) {
      await bar().press(key);
      assert.ok(Math.min(...(await sizes())) >= 300);
    }
  });

  it('is changed by the mouse and reset by a double click', async () => {
    const [before] = await sizes();
    const place = await bar().boundingBox();
    const [x, y] = [place.x + place.width / 2, place.y + place.height / 2];
    await site.page.mouse.move(x, y);
    await site.page.mouse.down();
    await site.page.mouse.move(x - 200, y, { steps: 5 });
    await site.page.mouse.up();
    assert.ok(Math.abs(before - 200 - (await sizes())[0]) < 10);
    await bar().dblclick();
    assert.deepEqual((await sizes())[0], before);
  });

  it('is the editor’s height on a narrow screen', async () => {
    await site.page.setViewportSize({ width: 360, height: 800 });
    const height = async () => (await site.page.locator('.editor-box').boundingBox()).height;
    const before = await height();
    await bar().press('ArrowDown');
    assert.ok(Math.abs((await height()) - before - 40) < 2);
  });
});

describe('the environment', () => {
  let site;
  useSite((opened) => {
    site = opened;
  });

  it('is told in a dialog, with packages that can be found, by the keyboard alone', async () => {
    const open = site.page.getByRole('button', { name: 'Environment' });
    await open.press('Enter');
    const dialog = site.page.getByRole('dialog', { name: 'Environment' });
    await dialog.getByRole('heading', { name: /^Python 3\.\d+/ }).waitFor();
    await dialog.getByText('It has no network.').waitFor();
    await dialog.getByLabel('Packages').press('p');
    await site.page.keyboard.type('andas');
    assert.match(await dialog.locator('.packages').innerText(), /^pandas\s+[\d.]+$/);
    await site.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    assert.equal(await site.focused(), 'Environment');
  });

  it('says that it cannot be loaded, and loads it then', async () => {
    await site.context.setOffline(true);
    await site.page.getByRole('button', { name: 'Environment' }).click();
    await site.page.getByRole('alert').filter({ hasText: 'could not be loaded' }).waitFor();
    await site.context.setOffline(false);
    await site.page.getByRole('button', { name: 'Try again' }).click();
    await site.page.getByText('It has no network.').waitFor();
  });
});
