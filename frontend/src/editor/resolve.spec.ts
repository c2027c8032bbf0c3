import { pythonLanguage } from '@codemirror/lang-python';
import { describe, expect, it } from 'vitest';
import { nameIndex } from './name-index';
import { resolve } from './resolve';

/** The last expression of a program. */
async function last(text: string) {
  const tree = pythonLanguage.parser.parse(text);
  const statement = tree.topNode.lastChild;
  if (!statement?.firstChild) throw new Error('no expression');
  return resolve(statement.firstChild, { tree, text, index: nameIndex });
}

const numpy = 'import numpy as np\n';
const pandas = 'import pandas as pd\n';

describe('resolve', () => {
  it.each([
    ['import math\nmath', 'math'],
    ['import scipy.stats\nscipy.stats', 'scipy.stats'],
    ['import scipy.stats as stats\nstats', 'scipy.stats'],
    ['from scipy import (\n    optimize,  # best\n    stats as s,\n)\ns', 'scipy.stats'],
    ['import os\nos.path', 'os.path'],
    [`${numpy}np.linalg`, 'numpy.linalg'],
    [`${numpy}np.linspace(0, 1)`, 'numpy.ndarray'],
    [`${numpy}x = np.zeros(3)\n2 * x`, 'numpy.ndarray'],
    [`${numpy}x = np.zeros(3)\nx[1:]`, 'numpy.ndarray'],
    [`${numpy}rng = np.random.default_rng(1)\nrng`, 'numpy.random.Generator'],
    [`${pandas}df = pd.read_csv("a.csv")\ndf`, 'pandas.DataFrame'],
    [`${pandas}df = pd.DataFrame({})\ndf`, 'pandas.DataFrame'],
    [`${pandas}df: pd.DataFrame = make()\ndf`, 'pandas.DataFrame'],
    [`${pandas}df = pd.DataFrame()\ndf["a"]`, 'pandas.Series'],
    [`${pandas}df = pd.DataFrame()\ndf[["a"]]`, 'pandas.DataFrame'],
    [`${pandas}df = pd.DataFrame()\ndf.groupby("a")`, 'pandas.api.typing.DataFrameGroupBy'],
    [`${pandas}df = pd.DataFrame()\ndf.groupby("a").mean().head()`, 'pandas.DataFrame'],
    [`${pandas}df = pd.DataFrame()\ndf["a"].str`, 'pandas.core.strings.accessor.StringMethods'],
    [`${pandas}df = pd.DataFrame()\ndf = df.dropna()\ndf`, 'pandas.DataFrame'],
    ['import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax', 'matplotlib.axes.Axes'],
    ['a, b = "x", [1]\nb', 'builtins.list'],
    ['"a".upper().split()', 'builtins.list'],
    ['from scipy.optimize import minimize\nr = minimize(f, 0)\nr', 'scipy.optimize.OptimizeResult'],
  ])('knows what the last line of %j is', async (text, want) => {
    expect((await last(text))?.scope).toBe(want);
  });

  it.each([
    'x',
    'x = x.y\nx',
    'def f(a):\n    return a\nf(1)',
    `${numpy}np = 3 if a else 4\nnp`,
    `${numpy}def f(np):\n    pass\nunknown.zeros(3)`,
    'a = b\nb = a\na',
    'import secret\nsecret',
    'constructor',
  ])('leaves alone what it does not know: %j', async (text) => {
    expect((await last(text))?.scope ?? null).toBeNull();
  });

  it('tells a parameter from a global name', async () => {
    const text = 'import numpy as np\ndef f(np):\n    return np.zeros\n';
    const tree = pythonLanguage.parser.parse(text);
    const node = tree.resolveInner(text.indexOf('np.zeros') + 1);
    expect(await resolve(node, { tree, text, index: nameIndex })).toBeNull();
  });

  it('tells the signature and the beginning of the documentation', async () => {
    expect(await last(`${numpy}np.arange`)).toMatchObject({
      name: 'numpy.arange',
      documentation: 'Return evenly spaced values within a given interval.',
    });
    expect(await last('len')).toMatchObject({ name: 'len', signature: '(obj, /)' });
    expect(await last('def f(a, b=1):\n    """Adds.\n\n    Or not."""\nf')).toMatchObject({
      name: 'f',
      signature: '(a, b=1)',
      documentation: 'Adds.',
    });
  });
});
