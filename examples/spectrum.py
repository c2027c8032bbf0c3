"""Finds the tones of a noisy signal with a Fourier transform."""

import numpy as np
from scipy.fft import rfft, rfftfreq
from scipy.signal import find_peaks

rate = 1000
time = np.arange(0, 2, 1 / rate)
generator = np.random.default_rng(seed=5)
signal = (
    1.0 * np.sin(2 * np.pi * 50 * time)
    + 0.5 * np.sin(2 * np.pi * 120 * time)
    + generator.normal(0, 0.4, time.size)
)

amplitudes = 2 * np.abs(rfft(signal)) / time.size
frequencies = rfftfreq(time.size, 1 / rate)
peaks, _ = find_peaks(amplitudes, height=0.2)
for peak in peaks:
    print(f"{frequencies[peak]:6.1f} Hz  amplitude {amplitudes[peak]:.2f}")
