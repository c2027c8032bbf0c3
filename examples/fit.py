"""Fits a damped oscillation to noisy measurements with scipy."""

import numpy as np
from scipy.optimize import curve_fit


def oscillation(time, amplitude, decay, frequency):
    return amplitude * np.exp(-decay * time) * np.cos(2 * np.pi * frequency * time)


generator = np.random.default_rng(seed=7)
time = np.linspace(0, 5, 400)
measured = oscillation(time, 2.5, 0.6, 1.5) + generator.normal(0, 0.05, time.size)

found, covariance = curve_fit(oscillation, time, measured, p0=(1, 1, 1.4))
for name, value, error in zip(
    ("amplitude", "decay", "frequency"), found, np.sqrt(np.diag(covariance))
):
    print(f"{name:<10} {value:6.3f} ± {error:.3f}")
