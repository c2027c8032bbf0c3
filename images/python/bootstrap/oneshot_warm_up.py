"""Uses the preloaded packages once, in the ways most programs begin with.

What is used for the first time costs more than the second time: modules that packages import late, symbols the dynamic
linker binds late, pages of code nobody has touched, byte code that has not been specialised. Measured for
examples/describe.py: 4 of 19 ms of CPU time. Leaves nothing behind that a program could see.
"""

import sys


def use_pandas():
    import io

    import pandas

    frame = pandas.DataFrame({"number": [1, 2, 3], "real": [1.5, None, 3.5], "text": ["x", "y", "x"]})
    str(frame)
    str(frame.describe())
    str(frame.groupby("text").agg(count=("number", "size"), mean=("real", "mean")).round(2))
    str(frame.merge(frame, on="number").sort_values("number").head())
    frame[frame["number"] > 1].to_csv()
    pandas.read_csv(io.StringIO("a,b\n1,2\n")).sum()
    pandas.to_datetime(["2024-01-01", "2024-01-02"])


def use_scipy():
    import scipy.optimize
    import scipy.stats

    scipy.stats.linregress([1, 2, 3], [2, 4, 7])
    scipy.stats.norm.cdf(1.0)
    scipy.optimize.minimize(lambda x: float(x[0] ** 2), [1.0])


def use_matplotlib():
    import io

    import matplotlib.font_manager
    import matplotlib.pyplot

    figure, axes = matplotlib.pyplot.subplots()
    axes.plot([1, 2, 3], label="a line")
    axes.set(title="A title", xlabel="x", ylabel="y")
    axes.legend()
    figure.savefig(io.BytesIO(), format="png")
    matplotlib.pyplot.close(figure)
    matplotlib.font_manager._get_font.cache_clear()  # each font keeps its file open


for module, use in (("pandas", use_pandas), ("scipy.stats", use_scipy), ("matplotlib.pyplot", use_matplotlib)):
    if module in sys.modules:
        use()
