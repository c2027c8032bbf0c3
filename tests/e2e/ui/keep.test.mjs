// What outlives a run and a page: links to runs, the history, drafts, and files.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { baseUrl, useSite } from './browser.mjs';

let site;
let page;
let keyboard;
const begin = (opened) => {
  site = opened;
  page = site.page;
  keyboard = page.keyboard;
};

const runAndFinish = async (source) => {
  await site.writeAndRun(source);
  await site.untilStatus(/Finished/);
  return page.locator('.run-id').innerText();
};
const linkTo = (id) => `${baseUrl}/#run=${id}`;
const dialog = (name) => page.getByRole('dialog', { name });
const draftButton = (on = page) => on.getByRole('button', { name: /^Drafts: / });
const untilDraft = (name, on = page) => draftButton(on).filter({ hasText: name }).waitFor();
const untilProgram = (text, on = page) =>
  on.locator('.cm-content').filter({ hasText: text }).waitFor();
/** A page loads again even where only the fragment of its address is another. */
const visit = async (url) => {
  await page.goto('about:blank');
  await page.goto(url);
};
/** In another tab of the same browser. */
const openTab = async (url = baseUrl) => {
  const tab = await site.context.newPage();
  await tab.goto(url);
  await tab.locator('.cm-content').waitFor();
  return tab;
};
const tabTo = async (name) => {
  for (let presses = 0; presses < 30; presses += 1) {
    await keyboard.press('Tab');
    if ((await site.focused()).startsWith(name)) return;
  }
  assert.fail(`Tab never reaches ${name}`);
};
const openHistory = async () => {
  await page.getByRole('button', { name: 'History' }).click();
  await dialog('Runs in this browser').waitFor();
};
const openDrafts = async () => {
  await draftButton().click();
  await dialog('Drafts').waitFor();
};
const kept = () => page.getByRole('listitem');

describe('a run', () => {
  useSite(begin, { permissions: ['clipboard-read', 'clipboard-write'] });

  it('comes back with its result when the page is loaded again', async () => {
    const id = await runAndFinish('print("oak " * 2)\n');
    await page.waitForURL(linkTo(id));
    await site.write('print("changed since")\n');
    await page.reload();
    await site.untilStatus(/Finished/);
    await site.untilOutput('oak oak');
    await untilProgram('changed since');
    assert.equal(await page.locator('.run-id').innerText(), id);
  });

  it('comes back also while the address still names the one before', async () => {
    const before = await runAndFinish('print("ash " * 2)\n');
    await page.waitForURL(linkTo(before));
    const id = await runAndFinish('print("elm " * 2)\n');
    await page.reload();
    await site.untilOutput('elm elm');
    assert.equal(await page.locator('.run-id').innerText(), id);
    await page.waitForURL(linkTo(id));
  });

  it('is shown by its link in another tab, with program, input and options', async () => {
    await (await site.openStdin()).fill('a line\n');
    await page.getByText('Options of the run').click();
    await page.getByLabel('Arguments').fill("-v 'two words'");
    const program = 'import sys\nprint(input(), len(sys.argv))\n';
    const id = await runAndFinish(program);
    await page.getByRole('button', { name: 'Copy link' }).click();
    await page.getByText('Copied').first().waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(link, linkTo(id));
    const tab = await openTab(link);
    await untilProgram('len(sys.argv)', tab);
    await tab.getByText(/^a line \d/).waitFor();
    assert.equal(await tab.getByLabel('Standard input').inputValue(), 'a line\n');
    assert.match(await tab.getByLabel('Arguments').inputValue(), /^-v 'two words'$/);
    await tab.close();
  });

  it('does not take the place of the draft of who opens its link', async () => {
    const id = await runAndFinish('print("linked")\n');
    await site.write('print("my own")\n');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.evaluate(() => sessionStorage.clear());
    await visit(linkTo(id));
    await untilProgram('linked');
    await site.untilOutput('linked');
    await openDrafts();
    await kept()
      .getByRole('button', { name: /my own/ })
      .click();
    await untilProgram('my own');
    // Nobody has changed the program of the link, so it is no draft.
    await openDrafts();
    assert.equal(await kept().count(), 1);
  });

  it('that does not exist is told, and the draft stays', async () => {
    await site.write('print("my own")\n');
    await page.evaluate(() => (location.hash = '#run=00000000000000000000000000'));
    const alert = page.getByRole('alert').filter({ hasText: 'does not have this run' });
    await alert.getByText(/Your own program is as it was/).waitFor();
    await untilProgram('my own');
    await site.writeAndRun('print("goes on")\n');
    await site.untilOutput('goes on');
    assert.ok(!(await alert.isVisible()));
  });

  it('that was deleted is told, with the program that this browser has kept', async () => {
    const id = await runAndFinish('print("deleted soon")\n');
    await site.write('print("something else")\n');
    const answer = await site.context.request.delete(`${baseUrl}/api/v1/runs/${id}`);
    assert.equal(answer.status(), 204);
    await openHistory();
    await kept()
      .getByRole('button', { name: /^print\("deleted soon"\)/ })
      .click();
    await page.getByText(/kept in this browser and is in the editor/).waitFor();
    await untilProgram('deleted soon');
  });
});

describe('the history', () => {
  useSite(begin);

  it('lists, finds, opens, repeats, removes and restores, by keyboard alone', async () => {
    const first = await runAndFinish('print("first", 1)\n');
    await site.writeAndRun('print("second")\nraise SystemExit(3)\n');
    await site.untilStatus(/exit code 3/);
    await page.evaluate(() => document.activeElement.blur());
    await tabTo('History');
    await keyboard.press('Enter');
    await page.getByText('2 runs').waitFor();
    assert.match(await kept().nth(0).innerText(), /second[^]*Failed/);
    assert.match(await kept().nth(1).innerText(), /first[^]*Finished/);
    await keyboard.type('FIRST');
    await page.getByText('1 of 2 runs').waitFor();
    await keyboard.press('Control+A');
    await keyboard.type(first);
    await page.getByText('1 of 2 runs').waitFor();
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await dialog('Runs in this browser').waitFor({ state: 'hidden' });
    await site.untilOutput('first 1');
    await untilProgram('first');
    await page.waitForURL(linkTo(first));
    await keyboard.press('Enter');
    await tabTo('Run again');
    await keyboard.press('Enter');
    await site.untilStatus(/Finished/);
    await page.waitForFunction((url) => location.href !== url && location.hash, linkTo(first));
    await openHistory();
    await keyboard.press('Control+A');
    await keyboard.press('Delete');
    await page.getByText('3 runs').waitFor();
    await tabTo('Remove');
    await keyboard.press('Enter');
    await page.getByText('Removed 1 run from this browser.').waitFor();
    assert.equal(await site.focused(), 'Undo');
    await keyboard.press('Enter');
    await page.getByText('3 runs').waitFor();
    await page.getByRole('button', { name: 'Remove all' }).click();
    await page.getByText('What you run in this browser is listed here.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('3 runs').waitFor();
    await keyboard.press('Escape');
    assert.equal(await site.focused(), 'History');
  });

  it('survives entries that someone else has written', async () => {
    await page.evaluate(() => {
      localStorage.setItem('oneshot.run.x', '{"id":"x","status":"<img src=x onerror=alert(1)>"}');
      localStorage.setItem('oneshot.run.y', 'nothing');
      localStorage.setItem(
        'oneshot.run.z',
        JSON.stringify({ id: 'z', status: 'failed', title: '<b>not bold</b>', draft: 7 }),
      );
    });
    await openHistory();
    await page.locator('.kept-title', { hasText: '<b>not bold</b>' }).waitFor();
    assert.equal(await kept().count(), 1);
  });

  it('makes room where the browser has none', async () => {
    await runAndFinish('print("forgotten")\n');
    const fill = () =>
      page.evaluate(() => {
        const chunk = 'x'.repeat(100_000);
        for (let size = chunk.length, number = 0; size >= 1;) {
          try {
            localStorage.setItem(`filler.${(number += 1)}`, chunk.slice(0, size));
          } catch {
            size = Math.floor(size / 10);
          }
        }
      });
    await fill();
    await site.writeAndRun('print("runs all the same")\n');
    await site.untilStatus(/Finished/);
    await site.untilOutput('runs all the same');
    await site.write(`print("${'much '.repeat(2_000)}")\n`);
    await page.getByText(/has no room left. The program is kept until you close the tab/).waitFor();
    await page.reload();
    await untilProgram('much much');
  });
});

describe('drafts', () => {
  useSite(begin);

  it('are begun, renamed, opened, removed and restored, by keyboard alone', async () => {
    await site.write('print("one")\n');
    await page.evaluate(() => document.activeElement.blur());
    await tabTo('Drafts: main.py');
    await keyboard.press('Enter');
    await dialog('Drafts').waitFor();
    await page.getByRole('button', { name: 'New draft' }).focus();
    await keyboard.press('Enter');
    await untilDraft('main-2.py');
    await keyboard.insertText('print("two")\n');
    await openDrafts();
    await page.getByRole('button', { name: 'Rename main-2.py' }).focus();
    await keyboard.press('Enter');
    await keyboard.press('Escape');
    assert.ok(await dialog('Drafts').isVisible());
    await page.getByRole('button', { name: 'Rename main-2.py' }).focus();
    await keyboard.press('Enter');
    await keyboard.type('trees.py');
    await keyboard.press('Enter');
    await kept().filter({ hasText: 'trees.py' }).waitFor();
    await page.getByRole('button', { name: /^main\.py/ }).focus();
    await keyboard.press('Enter');
    await untilProgram('one');
    await untilDraft('main.py');
    await openDrafts();
    await page.getByRole('button', { name: 'Remove main.py' }).focus();
    await keyboard.press('Enter');
    await page.getByText('Removed main.py.').waitFor();
    await untilProgram('two');
    assert.equal(await site.focused(), 'Undo');
    await keyboard.press('Enter');
    assert.equal(await kept().count(), 2);
    await keyboard.press('Escape');
    await page.reload();
    await untilProgram('two');
    await untilDraft('trees.py');
  });

  it('are not undone into one another', async () => {
    await site.write('print("one")\n');
    await openDrafts();
    await page.getByRole('button', { name: 'New draft' }).click();
    await keyboard.insertText('print("two")\n');
    for (let i = 0; i < 5; i += 1) await keyboard.press('Control+Z');
    assert.doesNotMatch(await site.editor.innerText(), /one/);
  });

  it('of two tabs are two: the second one begins with a copy', async () => {
    await site.write('print("first tab")\n');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const tab = await openTab();
    await untilDraft('main-2.py', tab);
    await untilProgram('first tab', tab);
    await tab.locator('.cm-content').click();
    await tab.keyboard.press('Control+A');
    await tab.keyboard.insertText('print("second tab")\n');
    await tab.close({ runBeforeUnload: true });
    await untilProgram('first tab');
    await openDrafts();
    await kept().nth(1).waitFor();
    assert.match(await kept().nth(0).innerText(), /main-2\.py[^]*second tab/);
    assert.match(await kept().nth(1).innerText(), /main\.py[^]*first tab/);
  });

  it('that two tabs show follow each other, and nothing is lost', async () => {
    await site.write('print("shared")\n');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const tab = await openTab();
    await untilDraft('main-2.py', tab);
    await draftButton(tab).click();
    await tab.getByRole('button', { name: /^main\.py/ }).click();
    await tab.getByText(/open in another tab too/).waitFor();
    await tab.locator('.cm-content').click();
    await tab.keyboard.press('Control+End');
    await tab.keyboard.insertText('print("from the other tab")\n');
    await untilProgram('from the other tab');
    await site.editor.click();
    await keyboard.press('Control+End');
    await keyboard.insertText('print("and back")\n');
    await untilProgram('and back', tab);
    // Written by something that has not seen what is typed here.
    await keyboard.insertText('print("typed meanwhile")\n');
    await tab.evaluate(() => {
      const key = Object.keys(localStorage).find((name) => name.startsWith('oneshot.draft.'));
      const draft = JSON.parse(localStorage.getItem(key));
      localStorage.setItem(key, JSON.stringify({ ...draft, source: 'print("written over")\n' }));
    });
    await page.getByText(/changed in another tab at the same time/).waitFor();
    await untilProgram('typed meanwhile');
    await untilDraft('main-2.py');
    await tab.close();
  });
});

describe('files', () => {
  useSite(begin);

  const open = (name, content) =>
    page.locator('input[type=file][accept]').setInputFiles({
      name,
      mimeType: 'text/x-python',
      buffer: Buffer.from(content),
    });
  const drop = (name, content) =>
    page.locator('.cm-content').evaluate(
      (target, [fileName, text]) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([text], fileName));
        const init = { bubbles: true, cancelable: true, dataTransfer };
        target.dispatchEvent(new DragEvent('dragover', init));
        target.dispatchEvent(new DragEvent('drop', init));
      },
      [name, content],
    );

  it('open and save by their keys, with their names', async () => {
    // Asked for well before: the browser is told only then that it shows no dialog of its own.
    const chosen = page.waitForEvent('filechooser');
    await site.editor.click();
    await keyboard.press('Control+O');
    const chooser = await chosen;
    const buffer = Buffer.from('\ufeffprint("ä")\r\nprint(2)\r\n');
    await chooser.setFiles({ name: 'trees.py', mimeType: 'text/x-python', buffer });
    await untilDraft('trees.py');
    await untilProgram('print("ä")');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      keyboard.press('Control+S'),
    ]);
    assert.equal(download.suggestedFilename(), 'trees.py');
    assert.equal(await readFile(await download.path(), 'utf8'), 'print("ä")\nprint(2)\n');
    await page.getByText(/^Saved as trees.py/).waitFor();
  });

  it('open by being dropped on the editor, and what is no program goes along with a run', async () => {
    await drop('dropped.py', 'print("dropped")\n');
    await untilProgram('dropped');
    await untilDraft('dropped.py');
    await drop('data.csv', 'a,b\n');
    await page.locator('.files').getByText('data.csv').waitFor();
    assert.doesNotMatch(await site.editor.innerText(), /a,b/);
  });

  it('that cannot be programs are refused in words', async () => {
    await site.write('print("mine")\n');
    await open('large.py', 'x'.repeat(256 * 1024 + 1));
    await page.getByText(/large.py has more than 256 KiB/).waitFor();
    await open('binary.py', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0]));
    await page.getByText(/binary.py is not text/).waitFor();
    await open('latin.py', Buffer.from([0x70, 0xe4, 0x70]));
    await page.getByText(/latin.py is not in UTF-8/).waitFor();
    await untilProgram('mine');
  });
});
