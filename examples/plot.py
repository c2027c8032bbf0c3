"""Draws a chart in memory: nothing can be written to disk, and nothing needs to be."""

import io

import matplotlib.pyplot as plt
import numpy as np

angles = np.linspace(0, 2 * np.pi, 200)
figure, axes = plt.subplots(figsize=(4, 3), dpi=100)
axes.plot(angles, np.sin(angles), label="sine")
axes.plot(angles, np.cos(angles), label="cosine")
axes.legend()

png = io.BytesIO()
figure.savefig(png, format="png")
header = png.getvalue()
print("PNG" if header.startswith(b"\x89PNG\r\n") else "not a PNG")
print("width", int.from_bytes(header[16:20], "big"), "height", int.from_bytes(header[20:24], "big"))
