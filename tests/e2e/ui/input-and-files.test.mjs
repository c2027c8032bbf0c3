// What a run gets besides its program: files of this computer, and what a person types while it runs.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useSite } from './browser.mjs';

describe('files of a run', { skip: Boolean(process.env.ONESHOT_MOCK) }, () => {
  let site;
  useSite((opened) => {
    site = opened;
  });

  const choose = async (...files) => {
    await site.page.locator('#files').setInputFiles(
      files.map(([name, content]) => ({
        name,
        mimeType: 'application/octet-stream',
        buffer: Buffer.from(content),
      })),
    );
  };

  it('are chosen, looked into, read by the program, and removed', async () => {
    await choose(
      ['data.csv', 'x\n1\n2\n'],
      ['tools.py', 'def double(x): return 2 * x\n'],
      ['raw', [0xff, 0]],
    );
    await site.page.getByText('Files: 3, 36 B').waitFor();
    await site.page.getByText('data.csv').click();
    await site.page.getByLabel('The beginning of data.csv').waitFor();
    await site.writeAndRun(
      'import pandas as pd, tools\nprint(tools.double(pd.read_csv("data.csv").x.sum()), open("raw", "rb").read())\n',
    );
    await site.untilOutput("6 b'\\xff\\x00'");
    await site.page.getByRole('button', { name: 'Remove data.csv' }).click();
    await site.page.getByText('Files: 2, 30 B').waitFor();
  });

  it('are dropped on the page', async () => {
    const dropped = await site.page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['dropped\n'], 'dropped.txt'));
      return transfer;
    });
    await site.page.locator('.editor-box').dispatchEvent('drop', { dataTransfer: dropped });
    await site.page.getByText('Files: 1, 8 B').waitFor();
    await site.writeAndRun('print(open("dropped.txt").read())\n');
    await site.untilOutput('dropped');
  });

  it('with names of markup are text', async () => {
    await choose(['<img src=x onerror=document.title=1>.txt', '<script>document.title=1</script>']);
    await site.page.locator('.file summary').click();
    assert.equal(await site.page.locator('.files img, .files script').count(), 0);
  });
});

describe('a program and a person', { skip: Boolean(process.env.ONESHOT_MOCK) }, () => {
  let site;
  useSite((opened) => {
    site = opened;
  });

  it('talk, by keyboard alone', async () => {
    await site.writeAndRun('name = input("name? ")\nprint("hello", name)\nprint(input("age? "))\n');
    await site.untilOutput('name?');
    const field = site.page.getByLabel('Input', { exact: true });
    await field.waitFor();
    await site.page.keyboard.type('Ada');
    await site.page.keyboard.press('Enter');
    await site.untilOutput('hello Ada');
    await site.page.keyboard.type('36');
    await site.page.keyboard.press('Enter');
    await site.untilStatus(/Finished/);
    await site.untilOutput('age? 36');
    assert.equal(await field.isVisible(), false);
  });

  it('end the input', async () => {
    await site.writeAndRun('import sys\nprint(len(sys.stdin.read()))\n');
    await site.page.getByLabel('Input', { exact: true }).fill('abc');
    await site.page.getByRole('button', { name: 'End of input' }).click();
    await site.untilStatus(/Finished/);
    await site.untilOutput('4');
  });

  it('are left alone where the input was prepared', async () => {
    await site.page.getByText('Standard input').first().click();
    await site.page.locator('#stdin').fill('Ada\n');
    await site.writeAndRun('print("hello", input())\n');
    await site.untilStatus(/Finished/);
    await site.untilOutput('hello Ada');
  });
});
