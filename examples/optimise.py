"""Finds the cheapest mixture that meets every demand: a linear program."""

from scipy.optimize import linprog, minimize

foods = ["oats", "beans", "milk"]
price = [0.30, 0.45, 0.25]
protein = [13, 21, 8]
energy = [380, 340, 150]

# At least 70 g of protein and 2000 kcal; linprog wants "at most".
found = linprog(
    price,
    A_ub=[[-x for x in protein], [-x for x in energy]],
    b_ub=[-70, -2000],
    bounds=[(0, 4), (0, 4), (0, 4)],
)
for food, portions in zip(foods, found.x):
    print(f"{food:<6}{portions:5.2f} portions")
print(f"cost  {found.fun:5.2f}")

# And the bottom of a curved valley, from a bad start.
valley = minimize(lambda p: (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2, [-1.2, 1])
print("valley at", valley.x.round(3))
