import numpy as np
from scipy.optimize import curve_fit


def line(x, slope, offset):
    return slope * x + offset


x = np.linspace(0, 1, 50)
found, _ = curve_fit(line, x, line(x, 3.0, 0.5))
print(found.round(3))
