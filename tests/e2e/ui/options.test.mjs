// What a run may be given besides its program: kept, told beside the result, and offered where it is missing.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { useSite } from './browser.mjs';

describe('the options of a run', { skip: Boolean(process.env.ONESHOT_MOCK) }, () => {
  let site;
  useSite((opened) => {
    site = opened;
  });

  const openOptions = async () => {
    await site.page.getByText('Options of the run').click();
    return {
      args: site.page.getByLabel('Arguments'),
      memory: site.page.getByLabel('Memory, MiB'),
    };
  };

  it('reach the program, are told beside the result and are remembered', async () => {
    const { args, memory } = await openOptions();
    assert.equal(await memory.getAttribute('placeholder'), '256');
    await args.fill('one "two words"');
    await memory.fill('300');
    await site.writeAndRun('import sys\nprint(sys.argv[1:])\n');
    await site.untilOutput("['one', 'two words']");
    await site.page.getByText('Options of this run: 300 MiB of memory.').waitFor();
    await site.page.reload();
    assert.equal(await site.page.getByLabel('Memory, MiB').inputValue(), '300');
    assert.equal(await site.page.getByLabel('Arguments').inputValue(), 'one "two words"');
  });

  it('are refused at their field', async () => {
    const { memory } = await openOptions();
    await memory.fill('999999');
    await site.writeAndRun('print(1)\n');
    await site.untilStatus(/Not accepted/);
    await site.page
      .locator('#option-memory_mib-error')
      .filter({ hasText: /between/ })
      .waitFor();
    assert.equal(await memory.getAttribute('aria-invalid'), 'true');
  });

  it('offer scratch space to a program that could not write', async () => {
    await site.writeAndRun('import tempfile\ntempfile.TemporaryFile()\nprint("written")\n');
    await site.untilStatus(/Failed/);
    await site.page.getByRole('button', { name: 'Run again with scratch space' }).click();
    await site.untilOutput('written');
    await site.untilStatus(/Finished/);
    await site.page.getByText('16 MiB of scratch space').waitFor();
  });

  it('bring files back, listed below the output, to be saved, also after a reload', async () => {
    const { page } = site;
    await openOptions();
    await page.getByLabel('Files that come back').fill('*.csv');
    await site.writeAndRun(
      'import os\nopen("squares.csv", "w").write("x,y\\n2,4\\n")\nopen("not.txt", "w")\n' +
        'open(os.environ["ONESHOT_OUTPUT"] + "/<img src=x onerror=alert(1)>\u202egnp.csv", "w")\nprint("written")\n',
    );
    await site.untilOutput('written');
    await page.getByText('16 MiB of scratch space').waitFor();
    const list = page.getByRole('list', { name: 'Files of the program' });
    const told = ['<img src=x onerror=alert(1)>\\u202egnp.csv 0 B', 'squares.csv 8 B'];
    const rows = async () =>
      (await list.locator('.file').allInnerTexts()).map((text) => text.trim());
    await list.waitFor();
    assert.deepEqual(await rows(), told);
    await page.reload();
    await list.waitFor();
    assert.deepEqual(await rows(), told);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Save squares.csv' }).press('Enter'),
    ]);
    assert.equal(download.suggestedFilename(), 'squares.csv');
    assert.equal(await readFile(await download.path(), 'utf8'), 'x,y\n2,4\n');
  });

  it('bring back everything that a program could write when it is run again with scratch space', async () => {
    await site.writeAndRun('open("written.txt", "w").write("so")\n');
    await site.untilStatus(/Failed/);
    await site.page.getByRole('button', { name: 'Run again with scratch space' }).click();
    await site.untilStatus(/Finished/);
    await site.page.getByRole('link', { name: 'Save written.txt' }).waitFor();
  });

  it('lead from a traceback to the line as it was run, wherever it is now', async () => {
    await site.writeAndRun('def divide(x):\n    return 1 / x\n\ndivide(0)\n');
    await site.untilOutput('ZeroDivisionError');
    await site.page.keyboard.press('Control+Home');
    await site.page.keyboard.insertText('# a line\n# another\n');
    await site.page.getByText('changed since this run').waitFor();
    await site.output.getByRole('button', { name: 'line 2' }).click();
    assert.equal(
      await site.page.evaluate(() => document.getSelection()?.toString()),
      '    return 1 / x',
    );
  });
});
