"""A time series: monthly means, a moving average, and the largest jump."""

import numpy as np
import pandas as pd

days = pd.date_range("2025-01-01", "2025-06-30", freq="D")
generator = np.random.default_rng(seed=3)
season = 12 - 10 * np.cos(2 * np.pi * days.dayofyear / 365)
temperature = pd.Series(season + generator.normal(0, 2, len(days)), index=days)

print("Monthly means")
print(temperature.resample("MS").mean().round(1).to_string())
print()
smooth = temperature.rolling(7, center=True).mean()
print("Warmest week around", smooth.idxmax().date(), "with", round(smooth.max(), 1))
jumps = temperature.diff().abs()
print("Largest jump on", jumps.idxmax().date(), "by", round(jumps.max(), 1))
