// Everything without a mouse: entering and leaving the editor, running, stopping, help.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useSite } from './browser.mjs';

describe('the keyboard alone', () => {
  let site;
  let keyboard;
  useSite((opened) => {
    site = opened;
    keyboard = site.page.keyboard;
  });

  const tabTo = async (name) => {
    for (let presses = 0; presses < 20; presses += 1) {
      await keyboard.press('Tab');
      if ((await site.focused()).startsWith(name)) return;
    }
    assert.fail(`Tab never reaches ${name}`);
  };

  it('reaches the editor, indents in it, and leaves it with Esc and Tab', async () => {
    await keyboard.press('Tab');
    assert.equal(await site.focused(), 'Skip to the editor');
    await keyboard.press('Enter');
    assert.match(await site.focused(), /^Python program/);
    await keyboard.press('Control+Home');
    await keyboard.press('Tab');
    assert.match(await site.editor.innerText(), /^ {4}\S/);
    await keyboard.press('Escape');
    await keyboard.press('Tab');
    assert.doesNotMatch(await site.focused(), /^Python program/);
  });

  it('runs and stops with the buttons, which keep the focus', async () => {
    await site.write('import time\ntime.sleep(30)\n');
    await keyboard.press('Control+Home');
    await site.page.evaluate(() => document.activeElement.blur());
    await tabTo('Run');
    await keyboard.press('Enter');
    await site.untilStatus(/^\W*Running/);
    assert.match(await site.focused(), /^Run/);
    await tabTo('Stop');
    await keyboard.press('Space');
    await site.untilStatus(/Cancelled/);
    assert.match(await site.focused(), /^Stop/);
  });

  it('runs from the standard input too, and stops by its own keys', async () => {
    await site.write('import time\ntime.sleep(30)\n');
    const stdin = await site.openStdin();
    await stdin.focus();
    await keyboard.press('Control+Enter');
    await site.untilStatus(/^\W*Running/);
    await keyboard.press('Control+Shift+Enter');
    await site.untilStatus(/Cancelled/);
    assert.equal(await stdin.inputValue(), '');
  });

  it('saves with Ctrl+S as a file and in the browser, and says so', async () => {
    await site.write('print("kept")\n');
    await keyboard.press('Control+S');
    await site.page.getByText('Saved as main.py. The draft is kept in this browser too.').waitFor();
    await site.page.reload();
    await site.editor.filter({ hasText: 'kept' }).waitFor();
  });

  it('opens the help and gives the focus back after Esc', async () => {
    await tabTo('Keyboard help');
    await keyboard.press('Enter');
    await site.page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await keyboard.press('Escape');
    await site.page.getByRole('dialog').waitFor({ state: 'hidden' });
    assert.match(await site.focused(), /^Keyboard help/);
  });
});
