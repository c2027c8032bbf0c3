"""Groups the rows of a table and summarises each group."""

import pandas as pd

sales = pd.DataFrame(
    {
        "city": ["Oslo", "Oslo", "Rome", "Rome", "Rome", "Kyoto"],
        "product": ["tea", "coffee", "tea", "coffee", "coffee", "tea"],
        "units": [12, 30, 5, 41, 38, 64],
        "price": [3.5, 4.0, 3.0, 3.5, 3.6, 2.8],
    }
)
sales["revenue"] = sales["units"] * sales["price"]

by_city = sales.groupby("city").agg(
    sales=("units", "size"),
    units=("units", "sum"),
    revenue=("revenue", "sum"),
)
print(by_city.sort_values("revenue", ascending=False))
print()
units = sales.pivot_table(
    index="city", columns="product", values="units", aggfunc="sum", fill_value=0
)
print(units)
