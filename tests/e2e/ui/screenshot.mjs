// Takes the README's picture from a running site: docs/screenshot.png.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { launchBrowser, openSite } from './browser.mjs';

const program = `import sys
import pandas as pd

trees = pd.DataFrame(
    {
        "species": ["oak", "oak", "birch", "birch", "pine"],
        "height": [21.5, 24.0, 17.2, 19.8, 28.1],
    }
)
print(trees.groupby("species").height.describe().round(1))
print("\\033[32mall trees measured\\033[0m")
print("one tree was only guessed", file=sys.stderr)
`;

const file = fileURLToPath(new URL('../../../docs/screenshot.png', import.meta.url));
mkdirSync(new URL('.', new URL('../../../docs/screenshot.png', import.meta.url)), {
  recursive: true,
});
const browser = await launchBrowser();
const site = await openSite(browser, {
  viewport: { width: 1280, height: 640 },
});
await site.writeAndRun(program);
await site.untilStatus(/Finished|Failed/);
await site.untilOutput(/guessed|Error/);
await site.page.evaluate(() => document.activeElement.blur());
await site.page.screenshot({ path: file });
await browser.close();
console.log(`wrote ${file}`);
