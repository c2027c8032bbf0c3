import io

import matplotlib.pyplot as plt

figure, axes = plt.subplots()
axes.plot([1, 4, 9, 16])
axes.set_title("squares")
image = io.BytesIO()
figure.savefig(image, format="png")
print(image.getvalue()[:4])
