// Figures and tables in the output of the real system, as their reader sees and uses them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { useSite } from './browser.mjs';

const figure = `import matplotlib.pyplot as plt
print("before")
plt.plot([1, 3, 2])
plt.title("Three numbers")
plt.show()
print("after")
`;
const table = `import pandas as pd
display(pd.DataFrame({"tree": ["oak", "<b>birch</b>", "pine"], "height": [21.5, None, 8.25]}))
display(pd.DataFrame({f"column {i}": range(1000) for i in range(40)}))
`;

describe('what a program shows', { skip: Boolean(process.env.ONESHOT_MOCK) }, () => {
  let site;
  useSite(
    (opened) => {
      site = opened;
    },
    { acceptDownloads: true, deviceScaleFactor: 2 },
  );

  const untilDrawn = async (image) => {
    await image.waitFor();
    await site.page.waitForFunction(
      (element) => element.complete && element.naturalWidth > 0,
      await image.elementHandle(),
    );
  };

  it('is in its place, with the pixels of the screen, and still there after a reload', async () => {
    await site.writeAndRun(figure + 'import time\ntime.sleep(20)\n');
    const image = site.output.getByRole('img', { name: 'Three numbers' });
    await untilDrawn(image);
    await site.untilOutput('after');
    const size = await image.evaluate(({ naturalWidth, width }) => ({ naturalWidth, width }));
    assert.equal(size.naturalWidth, 1280);
    assert.ok(size.width <= 640, 'two of its pixels make one of the page');
    const kinds = await site.output
      .locator('.row')
      .evaluateAll((rows) => rows.map((row) => row.className));
    assert.deepEqual(kinds, ['row stdout', 'row display', 'row stdout']);
    await site.page.reload();
    await untilDrawn(site.output.getByRole('img', { name: 'Three numbers' }));
    await site.page.keyboard.press('Control+Shift+Enter');
    await site.untilStatus(/Cancelled/);
  });

  it('can be enlarged and left with the keyboard', async () => {
    await site.writeAndRun(figure);
    await untilDrawn(site.output.getByRole('img'));
    const enlarge = site.output.getByRole('button', { name: 'Three numbers' });
    await enlarge.focus();
    await site.page.keyboard.press('Enter');
    const dialog = site.page.getByRole('dialog', { name: 'Three numbers' });
    await dialog.getByRole('img').waitFor();
    assert.equal(await site.focused(), 'Close');
    await site.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await enlarge.evaluate((element) => element === document.activeElement), true);
  });

  it('can be saved', async () => {
    await site.writeAndRun(figure);
    const [download] = await Promise.all([
      site.page.waitForEvent('download'),
      site.output.getByRole('link', { name: 'Save' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'figure-1.png');
    assert.equal(
      readFileSync(await download.path())
        .subarray(1, 4)
        .toString(),
      'PNG',
    );
  });

  it('is a table that can be sorted, with missing values last and markup as text', async () => {
    await site.writeAndRun(table);
    const first = site.output.getByRole('region', { name: 'DataFrame, 3 rows and 2 columns' });
    await first.waitFor();
    const column = (number) => first.locator(`tbody tr > :nth-child(${number})`).allInnerTexts();
    assert.deepEqual(await column(2), ['oak', '<b>birch</b>', 'pine']);
    assert.deepEqual(await column(3), ['21.50', 'NaN', '8.25']);
    assert.equal(await site.output.locator('td b').count(), 0);
    const sort = first.getByRole('button', { name: /^height/ });
    await sort.click();
    assert.deepEqual(await column(3), ['8.25', '21.50', 'NaN']);
    await sort.press('Enter');
    assert.deepEqual(await column(3), ['21.50', '8.25', 'NaN']);
    assert.equal(await first.locator('[aria-sort=descending]').count(), 1);
    await sort.press('Enter');
    assert.deepEqual(await column(3), ['21.50', 'NaN', '8.25']);
  });

  it('is the beginning of a large table, and says so', async () => {
    await site.writeAndRun(table);
    await site.untilOutput('1,000 rows × 40 columns; the first 100 rows and 30 columns are shown');
    const [download] = await Promise.all([
      site.page.waitForEvent('download'),
      site.output.getByRole('button', { name: 'Save as CSV' }).last().click(),
    ]);
    const lines = readFileSync(await download.path(), 'utf8').split('\r\n');
    assert.equal(lines.length, 102);
    assert.match(lines[1], /^0,0,0,/);
  });

  it('does not run what a figure holds', async () => {
    await site.writeAndRun(`class Svg:
    def _repr_svg_(self):
        return '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script><rect width="9" height="9"/></svg>'
display(Svg())
`);
    let alerts = 0;
    site.page.on('dialog', (dialog) => {
      alerts += 1;
      void dialog.dismiss();
    });
    const image = site.output.getByRole('img');
    await untilDrawn(image);
    const address = await image.getAttribute('src');
    const alone = await site.context.newPage();
    alone.on('dialog', (dialog) => {
      alerts += 1;
      void dialog.dismiss();
    });
    await alone.goto(new URL(address, site.page.url()).href);
    await alone.waitForLoadState();
    assert.equal(alerts, 0);
  });
});
