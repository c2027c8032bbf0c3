"""Joins two tables, and shows which rows of either have no partner."""

import pandas as pd

people = pd.DataFrame(
    {"name": ["Ada", "Grace", "Alan", "Edsger"], "team": [1, 2, 2, 4]}
)
teams = pd.DataFrame({"team": [1, 2, 3], "room": ["East", "West", "North"]})

joined = people.merge(teams, on="team", how="outer", indicator=True)
print(joined.to_string(index=False))
print()
print(joined["_merge"].value_counts().to_string())
