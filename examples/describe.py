"""A table of statistics: the first thing many people do with pandas."""

import numpy as np
import pandas as pd

generator = np.random.default_rng(seed=1)
heights = pd.DataFrame(
    {
        "height_cm": generator.normal(172, 9, 1000).round(1),
        "weight_kg": generator.normal(71, 12, 1000).round(1),
        "team": generator.choice(["red", "green", "blue"], 1000),
    }
)

print(heights.describe().round(2))
print()
teams = heights.groupby("team").agg(
    people=("team", "size"),
    height=("height_cm", "mean"),
    weight=("weight_kg", "mean"),
)
print(teams.round(2))
