// Sharing a result: the link in another profile, in another site's page, run again, and taken back.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { axePath, baseUrl, launchBrowser, patience, useSite } from './browser.mjs';

const axe = readFileSync(axePath, 'utf8');
const program = '# Three words\nprint("<b>one</b>")\nprint("two")\nprint(input())\n';

describe('sharing', () => {
  let site;
  useSite((opened) => {
    site = opened;
  });

  const share = async () => {
    await site.page.getByRole('button', { name: 'Share…' }).click();
    await site.page.getByText('Anybody who has the link').waitFor();
    await site.page.getByRole('button', { name: 'Make a link' }).click();
    await site.page.getByText('The link is valid until').waitFor();
    return site.page.getByRole('textbox', { name: 'Link' }).inputValue();
  };
  const runProgram = async () => {
    await (await site.openStdin()).fill('three');
    await site.writeAndRun(program);
    await site.untilStatus(/Finished/);
  };
  /** A page of another profile. */
  const visit = async (link) => {
    const browser = site.context.browser() ?? (await launchBrowser());
    const context = await browser.newContext();
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    const faults = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      const isKnown = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isKnown) faults.push(message.text());
    });
    await page.goto(link);
    return { context, page, faults };
  };

  it('makes a link that shows program and result in another profile', async () => {
    await runProgram();
    const link = await share();
    assert.match(link, /^http:.*\/#share=[0-9a-z]{32}$/);
    const { context, page, faults } = await visit(link);
    const source = page.getByRole('region', { name: 'The shared program' });
    await source.waitFor();
    assert.equal(await source.textContent(), program);
    const output = page.getByRole('log', { name: 'Program output' });
    await output.filter({ hasText: 'three' }).waitFor();
    assert.match(await output.innerText(), /<b>one<\/b>\s+two\s+three/);
    await page.locator('.status').filter({ hasText: 'Finished' }).waitFor();
    assert.equal(await page.locator('.cm-content').count(), 0, 'the editor is not loaded');
    const width = async (part) => (await part.boundingBox()).width;
    assert.ok((await width(output)) > 0.8 * (await width(source)), 'both have room');
    await page.evaluate(axe);
    const violations = await page.evaluate(async () =>
      (await globalThis.axe.run(document)).violations.map(({ id }) => id),
    );
    assert.deepEqual(violations, []);
    assert.deepEqual(faults, []);
    await context.close();
  });

  it('runs it again and leaves the visitor’s own program alone', async () => {
    await runProgram();
    const link = await share();
    const { context, page } = await visit(baseUrl);
    const editor = page.getByRole('textbox', { name: 'Python program' });
    await page.locator('.cm-content').waitFor();
    await editor.click();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText('print("mine")');
    // It is an address of the same page: nothing but the part after # changes.
    await page.evaluate((to) => location.assign(to), link);
    await page.getByRole('button', { name: 'Run again' }).click();
    await page.getByRole('log').filter({ hasText: 'three' }).waitFor();
    await page.locator('.status').filter({ hasText: 'Finished' }).waitFor();
    assert.match(await editor.innerText(), /Three words/);
    assert.equal(new URL(page.url()).hash.startsWith('#share='), false);
    const other = await context.newPage();
    await other.goto(baseUrl);
    await other.locator('.cm-content').filter({ hasText: 'print("mine")' }).waitFor();
    await context.close();
  });

  it('revokes it', async () => {
    await runProgram();
    const link = await share();
    await site.page.getByRole('button', { name: /^Revoke the link to “Three words”/ }).click();
    await site.page.getByText('The link is revoked').waitFor();
    assert.equal(await site.page.getByRole('textbox', { name: 'Link' }).count(), 0);
    const { context, page } = await visit(link);
    await page.getByRole('alert').filter({ hasText: 'Nothing is shared here' }).waitFor();
    await context.close();
  });

  it('lists the links of this browser after a reload', async () => {
    await runProgram();
    await share();
    await site.page.reload();
    await site.page.getByRole('button', { name: 'Your shares (1)' }).click();
    await site.page.getByRole('link', { name: 'Open “Three words”' }).waitFor();
    await site.page.getByRole('button', { name: /^Revoke/ }).click();
    await site.page.getByText('No link that was made in this browser is valid').waitFor();
    await site.page.keyboard.press('Escape');
    assert.equal(await site.page.getByRole('button', { name: /^Your shares/ }).count(), 0);
  });

  it('is there for a result only', async () => {
    const button = site.page.getByRole('button', { name: 'Share…' });
    assert.equal(await button.count(), 0);
    await site.writeAndRun('import time\nprint("working")\ntime.sleep(30)\n');
    await site.untilOutput('working');
    assert.equal(await button.count(), 0);
    await site.page.keyboard.press('Control+Shift+Enter');
    await site.untilStatus(/Cancelled/);
    await button.waitFor();
  });

  it('is usable on a phone', async () => {
    await runProgram();
    await site.page.setViewportSize({ width: 320, height: 640 });
    const link = await share();
    await site.page.evaluate(axe);
    const violations = await site.page.evaluate(async () =>
      (await globalThis.axe.run(document)).violations.map(({ id }) => id),
    );
    assert.deepEqual(violations, []);
    await site.page.goto('about:blank');
    await site.page.goto(link);
    await site.page.getByRole('region', { name: 'The shared program' }).waitFor();
    await site.output.filter({ hasText: 'three' }).waitFor();
    const overflow = await site.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.ok(overflow <= 0, `it scrolls sideways by ${overflow} px`);
  });

  it('can be embedded to be read, and only there', async () => {
    await runProgram();
    const link = await share();
    const embedded = link.replace('/#', '/embed#');
    const { context, page, faults } = await visit(embedded);
    await page.getByRole('log').filter({ hasText: 'three' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Run again' }).count(), 0);
    const href = await page.getByRole('link', { name: 'Open in Oneshot' }).getAttribute('href');
    assert.equal(href, link);
    assert.deepEqual(faults, []);
    await context.close();
  });
});
