// The editor as a person uses it who writes a program.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useSite } from './browser.mjs';

describe('problems in the program', () => {
  let site;
  let page;
  let keyboard;
  let panel;
  useSite((opened) => {
    site = opened;
    page = site.page;
    keyboard = page.keyboard;
    panel = page.locator('.cm-problems');
    // Without ruff, whose words are others.
    void page.context().route(/\.wasm$/, (route) => route.abort());
  });

  it('are underlined and told, and gone when they are mended', async () => {
    await site.write('x = 1\nprint("a"\n');
    await panel.getByText('Line 2: “(” is never closed.').waitFor();
    assert.equal(await page.locator('.cm-lintRange-error').innerText(), '(');
    await site.write('x = 1\nprint("a")\n');
    await panel.waitFor({ state: 'detached' });
  });

  it('are visited with F8, one after the other', async () => {
    await site.write('x = = 2\ny = 1\na b\n');
    await panel.getByText('2 problems').waitFor();
    await keyboard.press('Control+Home');
    await keyboard.press('F8');
    await keyboard.press('F8');
    await panel.getByText('Line 3: This is not valid Python.').waitFor();
    const said = page.locator('.cm-announced');
    assert.equal(await said.innerText(), 'Line 3: This is not valid Python.');
    await keyboard.type('+ b');
    await keyboard.press('Control+Home');
    await panel.getByText('1 problem').waitFor();
  });

  it('are not told of the line that is being written', async () => {
    await site.write('a b\n');
    await panel.waitFor();
    await keyboard.press('Control+End');
    await keyboard.type('print(1');
    await panel.getByText('1 problem').waitFor();
    await keyboard.press('Delete');
    await keyboard.press('ArrowUp');
    await panel.getByText('2 problems').waitFor();
  });
});

describe('completion', () => {
  let site;
  let page;
  let keyboard;
  const loaded = [];
  useSite((opened) => {
    site = opened;
    page = site.page;
    keyboard = page.keyboard;
    loaded.length = 0;
    page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
  });
  const option = (name) => page.getByRole('option', { name, exact: true });
  const isLoaded = (name) => loaded.some((path) => path.startsWith(`/assets/names/${name}-`));

  it('knows what an import means, with signature and documentation', async () => {
    await site.write('import numpy as np\n\nx = ');
    assert.ok(!isLoaded('numpy'));
    await keyboard.type('np.lins');
    await option('linspace').waitFor();
    assert.ok(isLoaded('numpy'));
    assert.ok(!isLoaded('pandas'));
    const info = page.locator('.cm-completionInfo');
    await info.getByText('numpy.linspace(start, stop, num=50').waitFor();
    await info.getByText('Return evenly spaced numbers').waitFor();
    await keyboard.press('Enter');
    assert.match(await site.editor.innerText(), /np\.linspace/);
  });

  it('knows a data frame by its assignment', async () => {
    await site.write('import pandas as pd\ndf = pd.read_csv("a.csv")\n');
    await keyboard.type('df.groupby("a").me');
    await option('mean').waitFor();
    await option('median').waitFor();
  });

  it('offers what a module has, and the arguments of a call', async () => {
    await site.write('');
    await keyboard.type('from scipy import opt');
    await option('optimize').waitFor();
    await site.write('import pandas as pd\n');
    await keyboard.type('pd.read_csv("a.csv", na_v');
    await option('na_values=').waitFor();
  });

  it('opens with Ctrl+Space and does not hold Tab', async () => {
    await site.write('import math\nmath.');
    await keyboard.press('Control+Space');
    await option('acos').waitFor();
    await keyboard.press('Escape');
    await option('acos').waitFor({ state: 'detached' });
    await keyboard.press('Escape');
    await keyboard.press('Tab');
    assert.doesNotMatch(await site.focused(), /^Python program/);
  });

  it('tells what a name is, under the mouse and on request', async () => {
    await site.write('import statistics\nstatistics.median([1, 2])\n');
    await page.getByText('median', { exact: true }).hover();
    const box = page.locator('.cm-tooltip-hover .cm-documentation');
    await box.getByText('statistics.median(data)').waitFor();
    await keyboard.press('Escape');
    await box.waitFor({ state: 'detached' });
    await page.mouse.move(0, 0);
    await keyboard.press('ArrowLeft');
    await keyboard.press('Control+K');
    await keyboard.press('Control+I');
    await box.getByText('statistics.median(data)').waitFor();
    assert.match(await page.locator('.cm-announced').innerText(), /Return the median/);
    await keyboard.press('Escape');
    await box.waitFor({ state: 'detached' });
  });
});

describe('ruff', () => {
  let site;
  let page;
  let keyboard;
  const loaded = [];
  useSite((opened) => {
    site = opened;
    page = site.page;
    keyboard = page.keyboard;
    loaded.length = 0;
    page.context().on('request', (request) => loaded.push(request.url()));
  });

  it('formats by a key, keeps the cursor, and one undo takes it back', async () => {
    await site.write('x=1\nprint( x )\n');
    assert.ok(!loaded.some((url) => url.includes('ruff')));
    await keyboard.press('ArrowLeft');
    await keyboard.press('ArrowLeft');
    await keyboard.press('Shift+Alt+F');
    await page.getByText('Formatted. Undo takes it back.').waitFor();
    assert.match(await site.editor.innerText(), /^x = 1\nprint\(x\)/);
    await keyboard.insertText(' + 1');
    assert.match(await site.editor.innerText(), /print\(x \+ 1\)/);
    await keyboard.press('Control+Z');
    await keyboard.press('Control+Z');
    assert.match(await site.editor.innerText(), /^x=1\nprint\( x \)/);
  });

  it('formats by a button, also what is formatted or cannot be', async () => {
    const button = page.getByRole('button', { name: 'Format' });
    await site.write('x = 1\n');
    await button.click();
    await page.getByText('The program is formatted already.').waitFor();
    await site.write('x = (\n');
    await button.click();
    await page.getByText('Not formatted, because the program is not valid Python.').waitFor();
    assert.match(await site.editor.innerText(), /^x = \(/);
  });

  it('finds names that do not exist once writing has paused', async () => {
    await site.write('import os\nprint(undefined_name)\ndisplay(1)\n');
    const panel = page.locator('.cm-problems');
    await panel.getByText('2 problems').waitFor();
    await keyboard.press('F8');
    await panel.getByText('Line 1: `os` imported but unused (F401)').waitFor();
    await page.locator('.cm-lintRange-error', { hasText: 'undefined_name' }).waitFor();
    await page.locator('.cm-lintRange-warning', { hasText: 'os' }).waitFor();
  });

  it('says that it could not be loaded, and the program stays', async () => {
    await page.context().route(/\.wasm$/, (route) => route.abort());
    await site.write('x=1\n');
    await page.getByRole('button', { name: 'Format' }).click();
    await page.getByText('The formatter could not be loaded.').waitFor();
    assert.match(await site.editor.innerText(), /^x=1/);
    await page.context().unroute(/\.wasm$/);
    await page.getByRole('button', { name: 'Format' }).click();
    await page.getByText('Formatted. Undo takes it back.').waitFor();
  });

  it('is the only part of the page that may compile WebAssembly', async () => {
    const isAllowed = await page.evaluate(() => {
      try {
        new globalThis.WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
        return true;
      } catch {
        return false;
      }
    });
    assert.equal(isAllowed, false);
    site.faults.length = 0;
  });
});

describe('the size of the text', () => {
  let site;
  let page;
  useSite((opened) => {
    site = opened;
    page = site.page;
  });
  const sizeOf = (locator) => locator.evaluate((element) => getComputedStyle(element).fontSize);

  it('is changed for program and output together, and remembered', async () => {
    const editor = page.locator('.cm-editor');
    const rows = page.locator('.rows');
    await site.writeAndRun('print("a")\nprint("b")\n');
    await site.untilOutput('b');
    assert.equal(await sizeOf(editor), '14px');
    const larger = page.getByRole('button', { name: 'Larger text' });
    for (let presses = 0; presses < 6; presses += 1) await larger.click();
    assert.equal(await sizeOf(editor), '35px');
    assert.equal(await sizeOf(rows), '35px');
    assert.equal(await larger.getAttribute('aria-disabled'), 'true');
    await page.getByRole('button', { name: 'Smaller text' }).click();
    assert.equal(await sizeOf(editor), '28px');
    await page.reload();
    await editor.waitFor();
    assert.equal(await sizeOf(editor), '28px');
    // The editor measures its lines after it has drawn them; then a line stands beside its number.
    await page.waitForFunction(() => {
      const [line, number] = ['.cm-line', '.cm-lineNumbers .cm-gutterElement'].map(
        (each) => [...document.querySelectorAll(each)].at(-1).getBoundingClientRect().bottom,
      );
      return Math.abs(line - number) < 2;
    });
  });

  it('leaves room for finding, going to a line and commenting', async () => {
    await site.write('x = 1\ny = 2\n');
    await page.keyboard.press('Control+F');
    await page.getByRole('textbox', { name: 'Find' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+Alt+G');
    await page.keyboard.type('1');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+/');
    assert.match(await site.editor.innerText(), /^# x = 1\ny = 2/);
  });
});
