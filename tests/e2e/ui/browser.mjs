// What every browser test needs: Debian's Chromium, and the page in the words of a user.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, afterEach, before, beforeEach } from 'node:test';

// The frontend has the packages. This folder has no dependencies of its own.
const require = createRequire(new URL('../../../frontend/package.json', import.meta.url));
const { chromium } = require('playwright-core');

export const axePath = require.resolve('axe-core/axe.min.js');
export const baseUrl = process.env.BASE_URL ?? 'http://localhost:8000';
/** Enough for a cold run on a busy machine, and a test that hangs still ends. */
export const patience = 60_000;
/** More bytes of standard input than the service takes (256 KiB). */
export const tooMuch = 300_000;

const chromiumArguments = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const launchBrowser = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: chromiumArguments,
  });

/** Opens the page in a fresh profile, without the draft of another test. */
export async function openSite(browser, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    ...options,
  });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    // Some tests have requests refused. None may violate the security policy.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      faults.push(message.text());
    }
  });
  await page.goto(baseUrl);
  await page.locator('.cm-content').waitFor();
  return new Site(context, page, faults);
}

/**
 * Opens a site of its own before each test of a suite and hands it to `take`; afterwards the page must have
 * reported no error.
 */
export function useSite(take, options = {}) {
  let browser;
  let site;
  before(async () => {
    browser = await launchBrowser();
  });
  beforeEach(async () => {
    site = await openSite(browser, options);
    take(site);
  });
  afterEach(async () => {
    const { faults } = site;
    await site.close();
    assert.deepEqual(faults, [], 'the page reported errors');
  });
  after(() => browser.close());
}

export class Site {
  constructor(context, page, faults) {
    this.context = context;
    this.page = page;
    this.faults = faults;
    this.editor = page.getByRole('textbox', { name: 'Python program' });
    this.run = page.getByRole('button', { name: 'Run' });
    this.stop = page.getByRole('button', { name: /^Stop/ });
    this.output = page.getByRole('log', { name: 'Program output' });
    this.status = page.locator('.status');
  }

  /** Replaces the program without the editor's help, which would close brackets while one types. */
  async write(source) {
    await this.editor.click();
    await this.page.keyboard.press('Control+A');
    if (source === '') await this.page.keyboard.press('Delete');
    else await this.page.keyboard.insertText(source);
  }

  async openStdin() {
    await this.page.locator('.stdin summary').click();
    return this.page.getByLabel('Standard input');
  }

  async writeAndRun(source) {
    await this.write(source);
    await this.page.keyboard.press('Control+Enter');
  }

  /** Waits until the status says something that matches. */
  async untilStatus(pattern) {
    await this.status.filter({ hasText: pattern }).waitFor();
  }

  async untilOutput(pattern) {
    await this.output.filter({ hasText: pattern }).waitFor();
  }

  /** The name of the element that has the focus. */
  focused() {
    return this.page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
    });
  }

  close() {
    return this.context.close();
  }
}
