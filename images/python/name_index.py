"""Writes what the page's editor completes: the public names of the packages of a run, with signatures and first paragraphs.

Usage: name_index.py FOLDER, with the Python and the packages of the image (./name-index sees to that). Each file is a JSON
object of scopes (a module, or a class whose instances programs use), and a scope is an object of names, one a line:

    "name": [kind, signature, documentation, type]

Kinds are f (function), c (class), m (module), p (property) and v (value). The type is the scope of what a function returns or a
value is, a list of them where a function returns a tuple, and the scope of a class or module itself. Empty ends are left out.
"""

import importlib
import importlib.metadata
import inspect
import json
import pathlib
import re
import sys
import types
import warnings

STANDARD = """abc argparse array asyncio base64 bisect calendar cmath collections collections.abc concurrent.futures contextlib copy csv dataclasses
datetime decimal difflib enum fractions functools glob hashlib heapq html inspect io itertools json logging math numbers operator os os.path
pathlib pprint queue random re secrets shutil sqlite3 statistics string struct subprocess sys tempfile textwrap threading time timeit traceback
types typing unicodedata urllib.parse uuid warnings zlib zoneinfo""".split()

FILES = {
    "builtins": ["builtins"],
    "stdlib": STANDARD,
    "numpy": ["numpy", "numpy.fft", "numpy.linalg", "numpy.ma", "numpy.polynomial", "numpy.random", "numpy.testing"],
    "pandas": ["pandas", "pandas.api.types", "pandas.api.typing", "pandas.plotting", "pandas.testing", "pandas.tseries.offsets"],
    "matplotlib": [
        "matplotlib", "matplotlib.pyplot", "matplotlib.axes", "matplotlib.cm", "matplotlib.colors", "matplotlib.dates",
        "matplotlib.figure", "matplotlib.gridspec", "matplotlib.lines", "matplotlib.patches", "matplotlib.ticker",
    ],
    "scipy": ["scipy"],
} | {
    f"scipy.{part}": [f"scipy.{part}"]
    for part in "cluster constants fft integrate interpolate io linalg ndimage optimize signal sparse spatial special stats".split()
}  # fmt: skip
FILES["scipy.cluster"] += ["scipy.cluster.hierarchy", "scipy.cluster.vq"]
FILES["scipy.sparse"] += ["scipy.sparse.csgraph", "scipy.sparse.linalg"]
FILES["scipy.spatial"] += ["scipy.spatial.distance", "scipy.spatial.transform"]

# Classes that programs meet as results only, where no listed module has them.
HIDDEN = {
    "pandas": ["pandas.core.strings.accessor.StringMethods", "pandas.core.indexes.accessors.DatetimeProperties", "pandas.plotting._core.PlotAccessor"],
    "scipy.stats": ["scipy.stats._result_classes.TtestResult", "scipy.stats._result_classes.PearsonRResult"],
}  # fmt: skip
# Figures are drawn with a few classes; the others of matplotlib have hundreds of names that nobody types.
DRAWN_WITH = {"Axes", "Figure", "Line2D"}
# Whose classes are used by their methods.
WITH_METHODS = set("""argparse array collections concurrent.futures csv datetime decimal fractions hashlib io logging pathlib queue random re
sqlite3 statistics threading uuid zoneinfo""".split())
WITHOUT_METHODS = ("numpy.testing", "numpy.ma.mvoid", "numpy.recarray", "numpy.memmap", "pandas.tseries")
PLAIN = {"str": "builtins.str", "int": "builtins.int", "float": "builtins.float", "bool": "builtins.bool", "list": "builtins.list",
         "dict": "builtins.dict", "set": "builtins.set", "bytes": "builtins.bytes", "array_like": "numpy.ndarray", "array": "numpy.ndarray",
         "ndarray": "numpy.ndarray", "string": "builtins.str", "DataFrame": "pandas.DataFrame", "Series": "pandas.Series"}  # fmt: skip
# What only an instance has.
VALUES = {"pandas.DataFrame.columns": "pandas.Index", "pandas.DataFrame.index": "pandas.Index", "pandas.Series.index": "pandas.Index"}
# What is built in does not say what it returns.
RETURNS = {
    "builtins.str": "capitalize casefold center expandtabs format join ljust lower lstrip removeprefix removesuffix replace rjust rstrip strip "
                    "swapcase title translate upper zfill",
    "builtins.list": "split rsplit splitlines sorted",
    "builtins.int": "len count find index rfind rindex",
}  # fmt: skip
BUILT_IN = {name: kind for kind, names in RETURNS.items() for name in names.split()} | {"input": "builtins.str", "encode": "builtins.bytes"}
KNOWN = {module for modules in FILES.values() for module in modules}
LONGEST_TEXT = 280
LONGEST_SIGNATURE = 400


def public(owner) -> list[str]:
    listed = getattr(owner, "__all__", None) if inspect.ismodule(owner) else None
    names = set(listed or dir(owner))
    if listed:  # numpy, pandas and pyplot leave some of theirs out
        names |= {name for name, value in vars(owner).items() if not inspect.ismodule(value) and getattr(value, "__module__", "") == owner.__name__}
    return sorted(name for name in names if not name.startswith("_"))


def value_of(owner, name: str):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return getattr(owner, name)
    except Exception:  # deprecated, or only there for instances
        return inspect.getattr_static(owner, name, None) if inspect.isclass(owner) else None


def plain_text(text: str) -> str:
    text = re.sub(r":[a-z:]+:`~?([^`<]*?)(?: <[^`]*>)?`", r"\1", text)
    text = re.sub(r"`+([^`]*)`+_*", r"\1", text).replace("\\", "")
    return re.sub(r"\s+", " ", text).strip()


def documentation(value, name: str) -> str:
    name = value.__name__ if inspect.ismodule(value) else name
    for paragraph in (inspect.getdoc(value) or "").split("\n\n"):
        text = plain_text(re.sub(r"^[=-]{3,}$", "", paragraph, flags=re.MULTILINE))
        if text and text != name and not re.match(rf"(?:\w+\.)*{re.escape(name)}\(|\.\. |-+$|[A-Z]\w+ -+", text):
            return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1].rsplit(" ", 1)[0] + "…"
    return ""


def short_default(value) -> str:
    text = repr(value)
    return text if len(text) <= 24 and not text.startswith("<") else "…"


def signature(value, name: str, is_method: bool) -> str:
    try:
        found = inspect.signature(value)
    except (TypeError, ValueError):
        match = re.match(rf"(?:\w+\.)*{re.escape(name)}(\(.*?\))(?:\s*->.*)?\s*(?:\n|$)", inspect.getdoc(value) or "", re.DOTALL)
        return plain_text(match[1])[:LONGEST_SIGNATURE] if match else ""
    parts, is_keyword_only, positional_only = [], False, False
    parameters = list(found.parameters.values())
    if is_method and parameters and parameters[0].name in ("self", "cls"):
        parameters = parameters[1:]
    for each in parameters:
        if positional_only and each.kind != each.POSITIONAL_ONLY:
            parts.append("/")
        positional_only = each.kind == each.POSITIONAL_ONLY
        if each.kind == each.KEYWORD_ONLY and not is_keyword_only:
            parts.append("*")
        is_keyword_only |= each.kind in (each.KEYWORD_ONLY, each.VAR_POSITIONAL)
        star = {each.VAR_POSITIONAL: "*", each.VAR_KEYWORD: "**"}.get(each.kind, "")
        parts.append(f"{star}{each.name}" + ("" if each.default is each.empty else f"={short_default(each.default)}"))
    if positional_only:
        parts.append("/")
    text = f"({', '.join(parts)})"
    return text if len(text) <= LONGEST_SIGNATURE else text[: LONGEST_SIGNATURE - 2] + "…)"


def has_methods(scope: str, value: type, file: str) -> bool:
    """Whether the names of a class are worth a scope."""
    if issubclass(value, BaseException) or value in (type, object) or scope.startswith(WITHOUT_METHODS):
        return False
    if file == "stdlib":
        module = scope.rpartition(".")[0]
        return module in WITH_METHODS and value.__module__.lstrip("_").split(".")[0] == module.split(".")[0]
    origin = value.__module__.split(".")[0]
    if origin != file.split(".")[0]:
        return False  # only imported there
    if origin == "numpy" and "generic" in (base.__name__ for base in value.__mro__):
        return False  # two dozen kinds of numbers with the same hundred names
    return origin != "matplotlib" or value.__name__ in DRAWN_WITH


class Index:
    def __init__(self) -> None:
        self.scopes: dict[str, dict[str, dict]] = {file: {} for file in FILES}
        self.home: dict[type, str] = {}  # the scope of each class that has one
        self.by_name: dict[tuple[str, str], str] = {}  # (package, class) -> scope

    def add_class(self, scope: str, value: type) -> None:
        def is_elsewhere(name: str) -> bool:
            return name != f"{value.__module__}.{value.__qualname__}"

        known = self.home.get(value)
        if known is None or (is_elsewhere(scope), len(scope)) < (is_elsewhere(known), len(known)):
            self.home[value] = scope
            self.by_name[(scope.split(".")[0], value.__name__)] = scope

    def collect(self) -> None:
        for file, modules in FILES.items():
            for module_name in modules:
                module = importlib.import_module(module_name)
                for name in public(module):
                    value = value_of(module, name)
                    if inspect.isclass(value) and has_methods(f"{module_name}.{name}", value, file):
                        self.add_class(f"{module_name}.{name}", value)
            for path in HIDDEN.get(file, []):
                module_name, _, name = path.rpartition(".")
                self.add_class(path, getattr(importlib.import_module(module_name), name))

    def scope_of(self, value: type) -> str:
        return next((self.home[base] for base in value.__mro__ if base in self.home), "")

    def type_in(self, text: str, package: str, owner: str) -> str:
        if re.search(r"\b(Self|NDFrameT)\b", text) and owner:
            return owner
        if "DataFrame" in text and "Series" in text and package == "pandas":
            return "pandas.DataFrame" if "DataFrame" in owner else "pandas.Series"
        for word in re.findall(r"\w+", text):
            found = self.by_name.get((package, word)) or PLAIN.get(word)
            if found:
                return found
        return ""

    def returned(self, value, package: str, owner: str):
        if package == "builtins":
            return BUILT_IN.get(getattr(value, "__name__", ""), "") if owner in ("", "builtins.str") else ""
        annotation = getattr(value, "__annotations__", {}).get("return") if inspect.isroutine(value) else None
        if annotation is not None:
            text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
            if not text.lower().startswith("tuple"):
                return self.type_in(text, package, owner)
        match = re.search(r"^Returns\n-+\n(.*?)(?:\n[A-Z][\w ]+\n-+\n|\Z)", inspect.getdoc(value) or "", re.DOTALL | re.MULTILINE)
        if not match:
            return ""
        lines = [line for line in match[1].split("\n") if re.match(r"[\w`~*(.{]", line) and "optional" not in line]
        kinds = [self.type_in(line.partition(" : ")[2] or line, package, owner) for line in lines]
        return kinds if len(kinds) > 1 and any(kinds) else kinds[0] if len(kinds) == 1 else ""

    def entry(self, owner, scope: str, name: str) -> list:
        value = value_of(owner, name)
        package = scope.split(".")[0]
        in_class = inspect.isclass(owner)
        if inspect.ismodule(value):
            own = f"{scope}.{name}"  # os.path has another name of its own
            return ["m", "", documentation(value, name), own if own in KNOWN else value.__name__]
        if in_class and inspect.isclass(value) and self.scope_of(value):  # an accessor, such as Series.str
            return ["p", "", documentation(value, name), self.scope_of(value)]
        if inspect.isclass(value):
            return ["c", signature(value, name, in_class), documentation(value, name), self.scope_of(value) if value in self.home else ""]
        if isinstance(value, property | types.GetSetDescriptorType | types.MemberDescriptorType) or type(value).__name__ == "cached_property":
            getter = getattr(value, "fget", None) or getattr(value, "func", None) or value
            return ["p", "", documentation(value, name), self.returned(getter, package, scope)]
        if callable(value) and not self.scope_of(type(value)).startswith("scipy.stats."):
            return ["f", signature(value, name, in_class), documentation(value, name), self.returned(value, package, scope if in_class else "")]
        of_its_own = getattr(type(value), "__doc__", None) != getattr(value, "__doc__", None)
        kind = VALUES.get(f"{scope}.{name}") or self.scope_of(type(value))
        return ["v", "", documentation(value, name) if of_its_own else "", kind]

    def write(self, folder: pathlib.Path) -> None:
        for file, modules in FILES.items():
            owners = {name: importlib.import_module(name) for name in modules}
            owners |= {scope: value for value, scope in self.home.items() if file_of(scope) == file}
            scopes = {}
            for scope, owner in sorted(owners.items()):
                entries = {name: self.entry(owner, scope, name) for name in public(owner)}
                for entry in entries.values():
                    while not entry[-1]:
                        entry.pop()
                scopes[scope] = entries
            add_submodules(scopes)
            (folder / f"{file}.json").write_text(formatted(scopes))


def file_of(scope: str) -> str:
    parts = scope.split(".")
    return next((name for end in range(len(parts), 0, -1) if (name := ".".join(parts[:end])) in FILES), "stdlib")


def add_submodules(scopes: dict) -> None:
    """Modules that a package does not list among its names, so that `from scipy import` offers them."""
    for module in (module for modules in FILES.values() for module in modules if "." in module):
        package, _, name = module.rpartition(".")
        if package in scopes and name not in scopes[package]:
            text = documentation(importlib.import_module(module), name)
            scopes[package][name] = ["m", "", text, module]


def formatted(scopes: dict) -> str:
    def line(name, entry):
        return f"  {json.dumps(name)}: {json.dumps(entry, ensure_ascii=False, separators=(',', ':'))}"

    blocks = (f"{json.dumps(scope)}: {{\n" + ",\n".join(line(*item) for item in sorted(entries.items())) + "\n}" for scope, entries in scopes.items())
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    warnings.simplefilter("ignore")
    index = Index()
    index.collect()
    index.write(folder)
    packages = {name: importlib.metadata.version(name) for name in ("matplotlib", "numpy", "pandas", "scipy")}
    (folder / "about.json").write_text(json.dumps({"versions": packages, "modules": sorted(KNOWN - {"builtins"})}, indent=2) + "\n")


if __name__ == "__main__":
    main()
