// Trouble that a healthy system does not show on demand. frontend/dev/mock-server.mjs plays it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useSite } from './browser.mjs';

const skip = process.env.ONESHOT_MOCK ? false : 'needs the mock site';

describe('a system in trouble', { skip }, () => {
  let site;
  useSite((opened) => {
    site = opened;
  });

  it('waits for a busy server and then runs', async () => {
    await site.writeAndRun('# mock: busy\nprint("at last")\n');
    await site.untilStatus(/Server busy. Trying again in \d s/);
    await site.untilStatus(/Finished/);
    await site.untilOutput('at last');
  });

  it('shows the place in the queue', async () => {
    await site.writeAndRun('# mock: queued\nprint(1)\n');
    await site.untilStatus(/Queued, number 2 in line/);
    await site.untilStatus(/Finished/);
  });

  it('begins the output again with a new attempt', async () => {
    await site.writeAndRun(
      '# mock: reset\nimport time\nprint("old")\ntime.sleep(2)\nprint("new")\n',
    );
    await site.untilOutput(/started again \(attempt 2\)/);
    await site.untilStatus(/Finished/);
    assert.doesNotMatch(await site.output.innerText(), /old/);
    await site.untilOutput('new');
  });

  it('says what interrupted a run, while it runs and after its end', async () => {
    await site.writeAndRun(
      '# mock: reset\nimport time\nprint("old")\ntime.sleep(2)\nprint("new")\n',
    );
    const history = site.page.getByText(
      'The program was started 2 times. The 1st start was interrupted: ' +
        'the machine that ran the program was lost (node-a).',
    );
    await history.waitFor();
    await site.untilStatus(/^\W*Running/);
    await site.untilStatus(/Finished/);
    assert.ok(await history.isVisible());
  });

  it('says why a run waits, in words that a phone has room for', async () => {
    await site.page.setViewportSize({ width: 360, height: 640 });
    await site.writeAndRun('# mock: full\nprint("at last")\n');
    const reason = site.page.getByText(
      'No node has room: 0/1 nodes are available: insufficient memory <b>.',
    );
    await reason.waitFor();
    assert.ok(
      await site.page.evaluate(
        () => document.documentElement.scrollWidth <= document.documentElement.clientWidth,
      ),
    );
    await site.untilStatus(/Finished/);
    assert.ok(!(await reason.isVisible()));
  });

  it('tells trouble with infrastructure, memory and processes in words', async () => {
    await site.writeAndRun('# mock: lost\n');
    await site.untilStatus(/Infrastructure error/);
    await site.page.getByText(/No machine had room.*after 3 attempts/).waitFor();
    await site.writeAndRun('# mock: oom\n');
    await site.untilStatus(/Out of memory at 256 MiB/);
    await site.writeAndRun('# mock: forks\n');
    await site.untilStatus(/too many processes/);
    await site.page.getByText('More than 64 processes and threads.').waitFor();
  });

  it('stays responsive under a million lines and tells what it left out', async () => {
    await site.writeAndRun('# mock: flood\n');
    await site.untilOutput('the last line');
    await site.output.getByText('5.7 MiB of stdout left out here').waitFor();
    await site.page.getByText(/5.7 MiB of 6.7 MiB were left out/).waitFor();
    await site.page.getByText(/earlier lines are not shown/).waitFor();
    assert.ok((await site.output.locator('.row').count()) < 10_000);
  });

  it('says that the server cannot be reached, and recovers', async () => {
    await site.context.setOffline(true);
    await site.writeAndRun('print(1)\n');
    await site.untilStatus(/No connection/);
    await site.page.getByRole('alert').filter({ hasText: 'cannot be reached' }).waitFor();
    await site.context.setOffline(false);
    await site.page.keyboard.press('Control+Enter');
    await site.untilStatus(/Finished/);
  });

  for (const scene of ['unconfirmed', 'broken']) {
    it(`repeats with its key a submission whose answer is ${scene}, and follows the run`, async () => {
      const keys = [];
      site.page.on('request', (request) => {
        if (request.method() === 'POST') keys.push(request.headers()['idempotency-key']);
      });
      await site.writeAndRun(`# mock: ${scene}\nprint("was accepted")\n`);
      await site.untilStatus(/Finished/);
      await site.untilOutput('was accepted');
      assert.equal(keys.length, 2);
      assert.equal(new Set(keys).size, 1);
      await site.writeAndRun('print("again")\n');
      await site.untilOutput('again');
      assert.equal(new Set(keys).size, 2);
    });
  }

  it('leaves it to the person to repeat a submission whose answer it cannot read', async () => {
    let submissions = 0;
    site.page.on('request', (request) => {
      if (request.method() === 'POST') submissions += 1;
    });
    await site.writeAndRun('# mock: garbled\nprint("may be running")\n');
    await site.untilStatus(/Not confirmed/);
    const heading = /cannot read the server’s answer/;
    const alert = site.page.getByRole('alert').filter({ hasText: heading });
    await alert.getByText(/may or may not be running/).waitFor();
    await alert.getByRole('link', { name: 'Show the newest runs' }).waitFor();
    assert.equal(submissions, 1);
    await site.writeAndRun('print("again")\n');
    await site.untilStatus(/Finished/);
    assert.equal(submissions, 2);
  });

  it('works where the browser forbids storage', async () => {
    await site.page.addInitScript(() => {
      for (const name of ['localStorage', 'sessionStorage']) {
        Object.defineProperty(window, name, {
          get() {
            throw new DOMException('forbidden', 'SecurityError');
          },
        });
      }
    });
    await site.page.reload();
    await site.writeAndRun('print("works")\n');
    await site.untilOutput('works');
    await site.page.keyboard.press('Control+S');
    await site.page.getByText(/forbids storage/).waitFor();
  });
});
