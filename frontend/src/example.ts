// The program that a first visitor sees.
import { aDraft } from './domain/draft';

export const example = aDraft(
  `import pandas as pd

trees = pd.DataFrame(
    {
        "species": ["oak", "oak", "birch", "birch", "pine"],
        "height": [21.5, 24.0, 17.2, 19.8, 28.1],
    }
)
print(trees.groupby("species").describe().round(1).to_string())
`,
);
