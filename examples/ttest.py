"""Do two groups differ? A t-test, and the same question without its assumptions."""

import numpy as np
from scipy import stats

generator = np.random.default_rng(seed=11)
control = generator.normal(100, 15, 40)
treated = generator.normal(110, 15, 40)

test = stats.ttest_ind(treated, control, equal_var=False)
low, high = test.confidence_interval()
print(f"means     {control.mean():.1f} and {treated.mean():.1f}")
print(f"t-test    t = {test.statistic:.2f}, p = {test.pvalue:.2g}")
print(f"95 %      the difference is between {low:.1f} and {high:.1f}")

ranks = stats.mannwhitneyu(treated, control)
print(f"ranks     U = {ranks.statistic:.0f}, p = {ranks.pvalue:.2g}")
