// A program on its way through the real system, as its author sees it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tooMuch, useSite } from './browser.mjs';

const ticking = `import time
for number in range(300):
    print("tick", number, flush=True)
    time.sleep(0.1)
`;

describe('running a program', () => {
  let site;
  useSite((opened) => {
    site = opened;
  });

  it('shows output while the program still runs, then how it ended', async () => {
    await site.writeAndRun(
      'import sys, time\nprint("first")\nprint("careful", file=sys.stderr)\ntime.sleep(3)\nprint("last")\n',
    );
    await site.untilOutput('first');
    await site.untilStatus(/^\W*Running/);
    assert.doesNotMatch(await site.output.innerText(), /last/);
    assert.equal(await site.output.locator('.row.stderr').innerText(), 'careful');
    await site.untilStatus(/Finished, exit code 0/);
    await site.untilOutput('last');
    assert.match(await site.page.locator('.facts').innerText(), /Elapsed[^]*Peak memory/);
    assert.match(await site.page.title(), /^Finished/);
  });

  it('stops a program at once when asked', async () => {
    await site.writeAndRun(ticking);
    await site.untilOutput('tick 1');
    await site.stop.click();
    await site.untilStatus(/Stopping|Cancelled/);
    await site.untilStatus(/Cancelled/);
    assert.doesNotMatch(await site.output.innerText(), /tick 299/);
    await site.writeAndRun('print("the next one runs")\n');
    await site.untilStatus(/Finished/);
    await site.untilOutput('the next one runs');
  });

  it('leads from a traceback to the line in the editor', async () => {
    await site.writeAndRun('def divide(x):\n    return 1 / x\n\ndivide(0)\n');
    await site.untilStatus(/Failed, exit code 1/);
    await site.untilOutput('ZeroDivisionError');
    await site.output.getByRole('button', { name: 'line 2' }).click();
    assert.equal(
      await site.page.evaluate(() => document.getSelection()?.toString()),
      '    return 1 / x',
    );
  });

  it('says with which exit code a program failed', async () => {
    await site.writeAndRun('raise SystemExit(3)\n');
    await site.untilStatus(/Failed, exit code 3/);
  });

  it('gives the standard input to the program', async () => {
    await (await site.openStdin()).fill('Ada\n');
    await site.writeAndRun('print("Hello", input())\n');
    await site.untilOutput('Hello Ada');
    await site.untilStatus(/Finished/);
  });

  it('hints at the standard input when the program missed it', async () => {
    await (await site.openStdin()).fill('one line\n');
    await site.writeAndRun('input()\ninput()\n');
    await site.untilStatus(/Failed/);
    await site.page.getByText(/asked for more input/).waitFor();
  });

  it('shows a refusal at the field it is about, and lets the next program run', async () => {
    const stdin = await site.openStdin();
    await stdin.fill('x'.repeat(tooMuch));
    await site.writeAndRun('print(1)\n');
    await site.untilStatus(/Not accepted/);
    await site.page
      .locator('#stdin-error')
      .filter({ hasText: /limit is \d+/ })
      .waitFor();
    assert.equal(await stdin.getAttribute('aria-invalid'), 'true');
    await stdin.fill('');
    await site.page.keyboard.press('Control+Enter');
    await site.untilStatus(/Finished/);
    assert.equal(await stdin.getAttribute('aria-invalid'), 'false');
  });

  it('never takes output for markup', async () => {
    await site.writeAndRun('print("<img src=x onerror=alert(1)><b>bold</b>")\n');
    await site.untilStatus(/Finished/);
    await site.untilOutput('<b>bold</b>');
    assert.equal(await site.output.locator('img, b').count(), 0);
  });

  it('keeps up with a hundred thousand lines', async () => {
    await site.writeAndRun('for number in range(100_000):\n    print(number)\n');
    await site.untilStatus(/Finished/);
    await site.untilOutput('99999');
    assert.ok((await site.output.locator('.row').count()) < 10_000);
    assert.equal(await site.page.evaluate(() => 6 * 7), 42);
  });

  it('keeps the program and goes on with the run after the page was loaded again', async () => {
    await site.writeAndRun(ticking);
    await site.untilOutput('tick 3');
    await site.page.reload();
    await site.untilOutput('tick 0');
    await site.untilOutput('tick 5');
    // The output may be there before the editor, and the plain box has no text of its own.
    await site.editor.filter({ hasText: 'for number in range(300)' }).waitFor();
    await site.stop.click();
    await site.untilStatus(/Cancelled/);
  });
});
