import pandas as pd

table = pd.DataFrame({"celsius": [21.5, 19.0, 23.5, 18.0], "rain_mm": [0.0, 4.5, 0.0, 12.5]})
print(table.describe())
