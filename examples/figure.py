"""A figure in the output: plt.show() needs no window and no file."""

import matplotlib.pyplot as plt
import numpy as np

time = np.linspace(0, 10, 300)
figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
for damping in (0.1, 0.3, 0.6):
    axes.plot(
        time, np.exp(-damping * time) * np.cos(3 * time), label=f"damping {damping}"
    )
axes.set(title="A swing that comes to rest", xlabel="time, s", ylabel="height, m")
axes.legend()
axes.grid(alpha=0.3)
plt.show()
print("drawn:", len(axes.lines), "curves")
