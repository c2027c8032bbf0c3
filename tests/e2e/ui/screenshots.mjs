// Takes the pictures of the documentation from a running site: docs/screenshots/*.png.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { launchBrowser, openSite } from './browser.mjs';

const folder = fileURLToPath(new URL('../../../docs/screenshots/', import.meta.url));
const wide = { viewport: { width: 1280, height: 720 } };

const figure = `import matplotlib.pyplot as plt
import numpy as np

x = np.linspace(0, 10, 300)
figure, axes = plt.subplots(figsize=(5.6, 3.4), layout="constrained")
for damping in (0.1, 0.3, 0.6):
    axes.plot(x, np.exp(-damping * x) * np.cos(3 * x), label=f"damping {damping}")
axes.set(title="A swing that comes to rest", xlabel="time, s", ylabel="height, m")
axes.legend()
axes.grid(alpha=0.3)
plt.show()
`;
const table = `import pandas as pd

trees = pd.DataFrame(
    {
        "species": ["oak", "oak", "birch", "birch", "pine", None],
        "height": [21.5, 24.0, 17.2, 19.8, 28.1, None],
        "planted": pd.to_datetime(
            ["1902-03-01", "1911-10-15", "1987-04-02", None, "1954-11-20", "2001-05-05"]
        ),
        "healthy": [True, True, False, True, True, True],
    }
)
print("All trees:")
display(trees)
print("By species:")
display(trees.groupby("species").height.agg(["count", "mean", "max"]))
`;
const error = `import sys

def mean(values):
    return sum(values) / len(values)

print("\\033[32m3 samples\\033[0m")
print("one of them was only guessed", file=sys.stderr)
print(mean([]))
`;
const question = `name = input("What is your name? ")
print(f"Hello, {name}!")
`;

const pictures = [
  { name: 'first-look', options: wide },
  { name: 'figure', options: wide, program: figure, until: drawn },
  { name: 'table', options: wide, program: table, until: filled },
  { name: 'error', options: wide, program: error },
  { name: 'input', options: wide, program: question, stdin: 'Ada\n' },
  { name: 'dark', options: { ...wide, colorScheme: 'dark' }, program: table, until: filled },
  {
    name: 'phone',
    options: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true },
    program: figure,
    until: drawn,
    isLong: true,
  },
];

async function drawn(site) {
  const image = site.output.getByRole('img');
  await image.waitFor();
  await image.evaluate((element) => element.decode());
}

async function filled(site) {
  await site.output.locator('tbody tr').last().waitFor();
}

mkdirSync(folder, { recursive: true });
const browser = await launchBrowser();
for (const { name, options, program, stdin, until, isLong } of pictures) {
  const site = await openSite(browser, { reducedMotion: 'reduce', ...options });
  if (stdin) await (await site.openStdin()).fill(stdin);
  if (program) {
    await site.writeAndRun(program);
    await site.untilStatus(/Finished|Failed/);
    await until?.(site);
  }
  await site.page.evaluate(() => {
    document.activeElement.blur();
    globalThis.scrollTo(0, 0);
  });
  await site.page.screenshot({ path: `${folder}${name}.png`, fullPage: Boolean(isLong) });
  await site.close();
}
await browser.close();
console.log(`wrote ${pictures.map(({ name }) => `${name}.png`).join(', ')} into docs/screenshots`);
