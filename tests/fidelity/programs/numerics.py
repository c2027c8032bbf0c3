# numpy, pandas, scipy and matplotlib: imported already in a pod that waited, and not in another.

# --- case: numpy printing
# cold
import numpy as np
print(np.arange(12).reshape(3, 4), np.linspace(0, 1, 5), np.array([1e-10, 1, 1e10]), np.array([np.nan, np.inf, -0.0]), np.array(["é", "ab"]), np.eye(2, dtype=bool), np.arange(2000), sep="\n")
print(repr(np.float32(0.1)), np.int8(5), repr(np.array([1, 2], dtype=np.uint8)), np.array([(1, "a")], dtype=[("x", "i4"), ("y", "U2")]), np.datetime64("2024-02-29") + 1, repr(np.array([1 + 2j])), repr(np.array([], dtype=float)))
print(np.get_printoptions())
with np.printoptions(precision=2, suppress=True):
    print(np.array([np.pi, 1e-8]))

# --- case: numpy state at the beginning
# cold
import numpy as np
print(np.geterr(), np.geterrcall(), np.get_printoptions()["precision"], np.getbufsize(), np.__version__, np.lib.NumpyVersion(np.__version__) > "1.0.0")

# --- case: numpy random with a seed
import numpy as np
np.random.seed(7)
print(np.random.rand(3), np.random.randn(2), np.random.randint(0, 100, 5), np.random.permutation(6), np.random.choice(10, 3, replace=False))
generator = np.random.default_rng(42)
print(generator.random(3), generator.normal(size=2), generator.integers(0, 10, 5), generator.choice(["a", "b"], 4), generator.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]]))

# --- case: numpy random without a seed is not what it was when the pod waited
# cold
import numpy as np, random
print(len({*np.random.rand(50)}), np.random.get_state()[0], np.random.get_state()[2])

# --- case: numpy linear algebra
# cold
import numpy as np
a = np.array([[4.0, 1, 2], [1, 3, 0], [2, 0, 5]])
print(np.linalg.inv(a), np.linalg.eigvalsh(a), np.linalg.det(a), np.linalg.solve(a, [1, 2, 3]), np.linalg.svd(a)[1], np.linalg.qr(a)[1], np.linalg.cholesky(a), np.linalg.lstsq(a, [1, 0, 0], rcond=None)[0], sep="\n")
generator = np.random.default_rng(1)
big = generator.random((200, 200))
print((big @ big).sum(), np.linalg.eigvals(big)[0], np.linalg.norm(np.linalg.inv(big) @ big - np.eye(200)) < 1e-8)
np.linalg.inv(np.zeros((2, 2)))

# --- case: numpy warnings
# cold
import numpy as np
print(np.array([1.0]) / 0, np.log(np.array([-1.0, 0.0])), np.float64(1e308) * 10, np.array([0.0]) / 0)
print(np.int8(100) + np.int8(100), np.mean([]))

# --- case: numpy errors
import numpy as np
import sys, traceback
for text in [
    'np.zeros((2, 3)) @ np.zeros((2, 3))',
    'np.array([1, 2])[5]',
    'np.array([1, 2]).reshape(3)',
    'np.concatenate([])',
    'np.array([[1, 2], [3]])',
    'np.nothing',
    'np.zeros(3) + np.zeros(4)',
    "np.array(['a']) * 2.0",
    'np.array([1, 2]) and True',
    "np.errstate(divide='raise').__enter__(); np.array([1]) / 0",
    'np.int8(300)',
    'np.arange(10)[::0]',
]:
    try:
        exec(text)
    except Exception:
        traceback.print_exc(file=sys.stdout)

# --- case: numpy functions
import numpy as np
a = np.array([3, 1, 2, 3, 1])
print(np.unique(a, return_counts=True), np.argsort(a, kind="stable"), np.cumsum(a), np.bincount(a), np.histogram(a, 3), np.where(a > 1, a, -a), np.percentile(a, [25, 50]), np.diff(a), np.convolve(a, [1, 1]), np.einsum("i,i", a, a), np.fft.fft(a)[:2], np.interp(1.5, [1, 2], [10, 20]), np.polyfit([0, 1, 2], [1, 3, 7], 2), np.corrcoef(a, a[::-1]), np.vectorize(lambda x: x * 2)(a), sep="\n")
print(np.ma.masked_array([1, 2], [0, 1]), np.genfromtxt(["1,2", "3,4"], delimiter=","), np.array2string(a, separator=";"), np.isclose(0.1 + 0.2, 0.3), np.dot(a, a), a.strides, a.flags, np.iinfo(np.int16), np.finfo(np.float32), sep="\n")

# --- case: numpy pickles, buffers and files in memory
import io, numpy as np, pickle
a = np.arange(6).reshape(2, 3)
held = io.BytesIO(); np.save(held, a); held.seek(0); print(np.load(held), held.getvalue()[:10])
print(pickle.loads(pickle.dumps(a)), a.tobytes(), np.frombuffer(b"\x01\x00\x02\x00", dtype="<u2"), memoryview(a).shape)
text = io.StringIO(); np.savetxt(text, a, fmt="%d"); print(text.getvalue())

# --- case: numpy in threads and in a forked child
# cold
import concurrent.futures, numpy as np, os
a = np.random.default_rng(0).random((100, 100))
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    print({float(value) for value in pool.map(lambda _: (a @ a).sum(), range(8))}, flush=True)
if os.fork() == 0:
    print("child", (a @ a).sum(), flush=True)
    os._exit(0)
os.wait()
print("parent", np.linalg.norm(a))

# --- case: pandas describe
# cold
import pandas as pd
frame = pd.DataFrame({"number": [1, 2, 3, 4], "real": [1.5, None, 2.25, -1e10], "text": ["a", "é", None, "d"], "when": pd.date_range("2024-02-27", periods=4)})
print(frame, frame.describe(include="all"), frame.dtypes, frame.isna().sum(), frame.T, sep="\n")
frame.info()

# --- case: pandas options at the beginning
# cold
import pandas as pd
pd.describe_option("display.max")
print(pd.__version__, pd.get_option("display.width"), pd.get_option("mode.copy_on_write"), pd.options.display.precision)

# --- case: pandas wide and long frames
import pandas as pd, numpy as np
print(pd.DataFrame(np.arange(4000).reshape(100, 40)), pd.Series(range(1000)), pd.DataFrame({"text": ["x" * 200]}), pd.DataFrame(), pd.Series(dtype=float), sep="\n")

# --- case: pandas groupby, merge, pivot, rolling
import pandas as pd
left = pd.DataFrame({"key": ["a", "b", "a", "c"], "value": [1, 2, 3, 4]})
right = pd.DataFrame({"key": ["a", "b", "d"], "other": [10.0, 20.0, 30.0]})
print(left.groupby("key").agg({"value": ["sum", "mean", "count"]}), left.merge(right, how="outer", on="key", indicator=True), left.pivot_table(index="key", values="value", aggfunc="max"), left["value"].rolling(2).mean(), left.sort_values(["key", "value"], ascending=[False, True]), left.groupby("key")["value"].transform("rank"), pd.crosstab(left["key"], left["value"] > 2), pd.concat([left, right], axis=1), left.melt(), pd.get_dummies(left["key"]), pd.cut(left["value"], 2), sep="\n")

# --- case: pandas time series
import pandas as pd
series = pd.Series(range(10), index=pd.date_range("2024-03-30", periods=10, freq="6h", tz="Europe/Berlin"))
print(series, series.resample("D").sum(), series.shift(2).head(3), series.index.strftime("%d.%m. %H:%M")[:3], pd.Timestamp("2024-01-31") + pd.DateOffset(months=1), pd.Timedelta("1 days 2 hours"), pd.period_range("2024-01", periods=3, freq="M"), pd.to_datetime(["2024-01-01", "nonsense"], errors="coerce"), sep="\n")

# --- case: pandas reading and writing text
import io, pandas as pd
frame = pd.read_csv(io.StringIO("a,b,c\n1,é,2.5\n2,,x\n"))
print(frame, frame.to_csv(), frame.to_json(), frame.to_dict("records"), frame.to_string(index=False), frame.to_html(), pd.read_json(io.StringIO('[{"a": 1}, {"a": 2}]')), sep="\n")

# --- case: pandas warnings
# cold
import pandas as pd
frame = pd.DataFrame({"a": [1, 2, 3]})
part = frame[frame["a"] > 1]
part["b"] = 5
frame["a"][0] = 9
frame.loc[0, "a"] = "text"
pd.concat([pd.DataFrame({"x": [1.0]}), pd.DataFrame({"x": []}, dtype=object)])
pd.to_datetime(["01/02/2024", "13/02/2024"], dayfirst=False, errors="coerce")

# --- case: pandas errors
# each text: ["frame['missing']", 'frame.loc[9]', 'frame.iloc[9]', "frame + 'x'"]
import pandas as pd
frame = pd.DataFrame({"a": [1, 2]})
{{text}}

# --- case: pandas errors, caught
import pandas as pd
frame = pd.DataFrame({"a": [1, 2]})
import sys, traceback
for text in [
    'frame.nothing',
    "pd.DataFrame({'a': [1], 'b': [1, 2]})",
    "frame.merge(frame, on='z')",
    "pd.to_datetime('nonsense')",
    "frame['a'].astype('datetime64')",
    "pd.read_csv('/no/such.csv')",
    "frame.groupby('z')",
    'bool(frame)',
    "frame.query('a >')",
    "frame.to_csv('/tmp/out.csv')",
]:
    try:
        exec(text)
    except Exception:
        traceback.print_exc(file=sys.stdout)

# --- case: pandas pickles, categories, strings and apply
import pandas as pd, pickle
frame = pd.DataFrame({"c": pd.Categorical(["lo", "hi", "lo"], ["lo", "hi"], ordered=True), "s": ["Ab", "cD", None]})
print(pickle.loads(pickle.dumps(frame)).equals(frame), frame["c"], frame["s"].str.upper(), frame["s"].str.extract("([A-Z])"), frame.apply(lambda row: str(row["c"]) + "!", axis=1), frame["c"].value_counts(), frame.memory_usage(deep=True), sep="\n")

# --- case: scipy
# cold
import numpy as np
from scipy import fft, integrate, interpolate, linalg, optimize, signal, sparse, special, stats
print(optimize.minimize(lambda v: (v[0] - 1) ** 2 + (v[1] + 2) ** 2, [0, 0]).x.round(4), optimize.brentq(np.cos, 0, 3), integrate.quad(np.exp, 0, 1), interpolate.CubicSpline([0, 1, 2], [0, 1, 4])(1.5), linalg.expm(np.array([[0, 1], [-1, 0]])), special.gamma(4.5), special.jv(0, 1.0), sep="\n")
print(stats.ttest_ind([1, 2, 3, 4], [2, 3, 4, 6]), stats.norm.ppf(0.975), stats.linregress([1, 2, 3], [2, 4, 6.5]), stats.spearmanr([1, 2, 3, 4], [1, 3, 2, 4]), stats.describe([1, 2, 3]), sparse.csr_matrix(np.eye(3)), signal.butter(2, 0.2), fft.dct([1.0, 2, 3]), sep="\n")
print(stats.norm.rvs(size=3, random_state=1), integrate.solve_ivp(lambda t, y: -y, [0, 1], [1]).y[0][-1], optimize.linprog([-1, -2], [[1, 1]], [4], method="highs").x, optimize.curve_fit(lambda x, a: a * x, [1, 2, 3], [2, 4, 6])[0])

# --- case: scipy warnings and errors
import numpy as np
from scipy import integrate, optimize, linalg, stats
print(integrate.quad(lambda x: 1 / x, 0, 1, limit=5)[0] > 0)
print(optimize.fsolve(lambda x: x ** 2 + 1, 1).shape, stats.pearsonr([1, 1, 1], [1, 2, 3]))
linalg.cho_factor(-np.eye(2))

# --- case: what is imported from where
# cold
import sys
import numpy, pandas, scipy, matplotlib
for module in (numpy, pandas, scipy, matplotlib):
    print(module.__name__, module.__version__, module.__file__, module.__spec__.origin)
print("scipy.stats" in dir(scipy), numpy.linalg.__name__, pandas.io.json.__name__)

# --- case: names that an import alone brings
# cold
import scipy
print(sorted(vars(scipy))[:5], hasattr(scipy, "stats"))
print(scipy.special.erf(0.5))

# --- case: a picture in memory
# cold
import hashlib, io
import matplotlib
import matplotlib.pyplot as plt
import numpy as np
figure, axes = plt.subplots(figsize=(4, 3))
axes.plot(np.linspace(0, 6, 50), np.sin(np.linspace(0, 6, 50)), label="sin é")
axes.hist(np.random.default_rng(0).normal(size=100), bins=10)
axes.set_title("title"); axes.legend()
for kind in ("png", "svg", "pdf"):
    held = io.BytesIO()
    matplotlib.rcParams["svg.hashsalt"] = "fixed"
    figure.savefig(held, format=kind, metadata={"Date": None} if kind == "svg" else {"CreationDate": None} if kind == "pdf" else None)
    print(kind, len(held.getvalue()), hashlib.sha256(held.getvalue()).hexdigest())
print(matplotlib.get_backend(), plt.get_fignums(), plt.rcParams["figure.dpi"])
plt.show()

# --- case: a picture to a file
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.savefig("picture.png")

# --- case: reading the text of a library's function
import inspect, numpy, pandas
print(inspect.getsource(numpy.nancumsum)[:200], inspect.getsourcefile(pandas.concat), numpy.sum.__doc__[:80])

# --- case: help
import math, numpy
help(math.gcd)
help(numpy.linalg.LinAlgError)

# --- case: subclasses and monkeypatches of a library
import numpy as np, pandas as pd
class Measured(np.ndarray):
    def __array_finalize__(self, made): self.unit = getattr(made, "unit", "m")
array = np.asarray([1.0, 2.0]).view(Measured); array.unit = "km"
print((array * 2).unit, type(array[:1]), array.sum())
pd.DataFrame.shout = lambda frame: print(str(frame).upper())
pd.DataFrame({"a": ["x"]}).shout()
original = np.sum
np.sum = lambda *values: "patched"
print(np.sum([1]), original([1]))
