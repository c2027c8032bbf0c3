// Each example of the list: chosen, run, and compared with what it should print.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { useSite } from './browser.mjs';

const folder = new URL('../../../examples/expected/', import.meta.url);
const expected = (name) => readFileSync(new URL(`${name}.stdout`, folder), 'utf8').trimEnd();
const examples = [
  ['describe', 'Describe a table'],
  ['groupby', 'Group and pivot'],
  ['merge', 'Join two tables'],
  ['timeseries', 'A time series'],
  ['fit', 'Fit a curve'],
  ['optimise', 'Optimise'],
  ['spectrum', 'Find the tones of a signal'],
  ['ttest', 'Test whether groups differ'],
  ['figure', 'Draw a figure'],
  ['greeting', 'Read input'],
];
// The stand-in has Python only.
const needsPackages = process.env.ONESHOT_MOCK ? 'needs the packages of a run' : false;

describe('the examples', () => {
  let site;
  let page;
  useSite((opened) => {
    site = opened;
    page = site.page;
  });
  const choose = async (title) => {
    await page.getByRole('button', { name: 'Examples' }).click();
    await page
      .getByRole('dialog', { name: 'Examples' })
      .getByRole('button', { name: title })
      .click();
    await page.getByText('Loaded. Undo').waitFor();
  };

  for (const [name, title] of examples) {
    it(`has ${title}`, { skip: name !== 'greeting' && needsPackages }, async () => {
      await choose(title);
      await page.keyboard.press('Control+Enter');
      await site.untilStatus(/Finished, exit code 0/);
      await site.untilOutput(/\S/);
      const rows = await site.output.locator('.row:not(.display)').allInnerTexts();
      assert.equal(
        rows
          .map((row) => row.replace(/\n$/, ''))
          .join('\n')
          .trimEnd(),
        expected(name),
      );
      if (name === 'figure') {
        await site.output.getByRole('img', { name: 'A swing that comes to rest' }).waitFor();
      }
    });
  }

  it('lose nothing: undo and the list bring the program back', async () => {
    await site.write('print("mine")\n');
    await (await site.openStdin()).fill('my input');
    await choose('Read input');
    assert.match(await site.editor.innerText(), /What is your name/);
    assert.match(await page.getByLabel('Standard input').inputValue(), /^Ada\n/);
    await site.editor.focus();
    await page.keyboard.press('Control+Z');
    assert.match(await site.editor.innerText(), /^print\("mine"\)/);
    await choose('Fit a curve');
    await page.getByRole('button', { name: 'Examples' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'Back to your program' }).press('Enter');
    assert.match(await site.editor.innerText(), /^print\("mine"\)/);
    assert.match(await page.evaluate(() => document.activeElement.textContent), /^Examples/);
  });
});
