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
