#!/usr/bin/python3
"""Finds what nothing uses: names that the product's headers declare (functions, types, constants, enumerators, fields), functions of
scripts and Python files, and files of images/, k8s/ and scripts/. Tests do not count as users of the product.

Usage: tests/lint/unused.py     prints each name that is declared but never used; exit status 1 if there is one.

Sources are read as text, without types. A name therefore counts as used when any function, field or variable of that name is: what is
reported is certain to be unused, but not everything unused is reported. Declaring or defining a name, assigning to a field
(`job.uid = ...`) and calling a function from another of its name are not uses.
"""

import collections
import pathlib
import re
import subprocess
import sys
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parents[2]
PRODUCT = ("api", "controller", "core", "images/python/runner")

# Name -> why it stays although nothing in the checkout names it.
KEPT = {
    "Loops": "the simulator drives a term by itself",
    "NextWork": "the simulator drives a term by itself",
    "Port": "tests let the kernel choose a port and ask for it",
    "TakeWake": "the simulator drives a term by itself",
    "WorkOnce": "the simulator drives a term by itself",
    "addExpectedFailure": "unittest calls it",
    "addSkip": "unittest calls it",
    "addSuccess": "unittest calls it",
    "get_source": "linecache calls it",
    "start_kubelet": "k8s/embedded/lib/nodes.sh puts the name together",
    "start_supervisor": "k8s/embedded/lib/nodes.sh puts the name together",
}

NOT_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\'|^\s*#\s*include[^\n]*', re.DOTALL | re.MULTILINE
)
DIRECTIVE = re.compile(r"^\s*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
TOKEN = re.compile(r"[A-Za-z_]\w*|[0-9][\w.']*|::|->|\[\[|\]\]|<=>|[<>=!]=|&&|\|\||\S")
NAME = re.compile(r"[A-Za-z_]\w*")
TYPE = ("class", "struct", "union", "enum")
# Words that stand before a parenthesis and declare nothing.
NO_FUNCTION = {"alignas", "decltype", "explicit", "noexcept", "requires", "sizeof", "static_assert"}
NO_NAME = {"const", "constexpr", "default", "delete", "final", "override", "private", "protected", "public", "unsigned", "void", "volatile"}


class Reader:
    """Walks over one file's tokens and tells declarations from uses. Only in a namespace or a class (`scopes` holds nothing but
    those) does a name in front of a parenthesis declare something; in a function's body or an initializer it is used."""

    def __init__(self, text: str):
        code = NOT_CODE.sub(" ", text)
        self.in_macros = NAME.findall(" ".join(DIRECTIVE.findall(code)))
        self.tokens = TOKEN.findall(DIRECTIVE.sub(" ", code))
        self.declared: set[str] = set()
        self.silent: set[int] = set()  # positions of names that are declared, defined or assigned to
        self.read()

    def uses(self) -> Iterator[str]:
        yield from self.in_macros
        yield from (token for at, token in enumerate(self.tokens) if at not in self.silent and NAME.match(token))

    def declare(self, at: int) -> None:
        if not NAME.match(self.tokens[at]) or self.tokens[at] in NO_NAME:
            return
        self.declared.add(self.tokens[at])
        while True:  # `Store::Claim(`: the class is only named here
            self.silent.add(at)
            if at < 2 or self.tokens[at - 1] != "::" or not NAME.match(self.tokens[at - 2]):
                return
            at -= 2

    def read(self) -> None:
        scopes: list[str] = []
        function = ""  # whose body this is; what it calls by its own name, it only forwards to
        start = 0  # of the statement
        at = 0
        while at < len(self.tokens):
            token = self.tokens[at]
            inside = scopes[-1] if scopes else "namespace"
            if token == "}":
                if scopes:
                    scopes.pop()
                start = at + 1
            elif inside == "body":
                if token == "{":
                    scopes.append("body")
                elif token == "=" and self.tokens[at - 2] in (".", "->") and not self.tokens[at - 1].endswith("_"):
                    self.silent.add(at - 1)  # but for private members: some only own what they hold
                elif token == function:
                    self.silent.add(at)
            elif inside == "enum":
                if NAME.match(token) and self.tokens[at - 1] in ("{", ","):
                    self.declare(at)
            elif token in ("public", "protected", "private") and self.tokens[at + 1] == ":":
                start = at = at + 2
                continue
            else:
                end = self.end_of_statement(at)
                scope, function = self.statement(start, end)
                if end < len(self.tokens) and self.tokens[end] == "{":
                    scopes.append(scope)
                    start = end + 1
                elif end < len(self.tokens) and self.tokens[end] == "}":
                    at = end
                    continue
                else:
                    start = end + 1
                at = end
            at += 1

    def end_of_statement(self, at: int) -> int:
        """The position of the `;`, `{` or `}` that ends what begins at `at`; braces in parentheses or after `=` belong to it."""
        depth = 0
        initializer = False
        while at < len(self.tokens):
            token = self.tokens[at]
            if token == "template":
                at = self.behind_angles(at + 1)
                continue
            if token in ("(", "["):
                depth += 1
            elif token in (")", "]"):
                depth -= 1
            elif token == "=" and depth == 0 and self.tokens[at - 1] != "operator":
                initializer = True
            elif token == "{" and (depth or initializer):
                at = self.closing_brace(at)
            elif depth == 0 and token in (";", "{", "}"):
                return at
            at += 1
        return at

    def closing_brace(self, at: int) -> int:
        depth = 0
        while at < len(self.tokens):
            depth += {"{": 1, "}": -1}.get(self.tokens[at], 0)
            if depth == 0:
                return at
            at += 1
        return at

    def statement(self, start: int, end: int) -> tuple[str, str]:
        """Notes what the statement declares; returns what its brace opens, and the function's name if that is a function's body."""
        at = start
        if at < end and self.tokens[at] == "template":
            at = self.behind_angles(at + 1)
        words = self.tokens[at:end]
        if "namespace" in words[:2] or words == ["extern"]:
            return "namespace", ""
        if words and words[0] == "friend":
            self.silent.update(range(at, end))
            return "body", ""
        if words and words[0] == "using":
            if len(words) > 2 and words[2] == "=":
                self.declare(at + 1)
            return "body", ""
        if words and words[0] in TYPE:
            name = at + 1
            while name < end and (self.tokens[name] in TYPE or self.tokens[name] in ("[[", "nodiscard", "]]")):
                name += 1
            if name < end:
                self.declare(name)
            return ("enum" if words[0] == "enum" else "class"), ""
        return "body", self.function_or_variable(at, end)

    def function_or_variable(self, at: int, end: int) -> str:
        """Returns the function's name, an empty one for anything else."""
        while at < end:
            token = self.tokens[at]
            following = self.tokens[at + 1] if at + 1 < len(self.tokens) else ";"
            if token == "operator" or (token in NO_FUNCTION and following == "("):
                return ""
            if NAME.match(token):
                if following == "(":
                    self.declare(at)
                    self.parameters(at + 1, end)
                    return token
                if following == "<":
                    at = self.behind_angles(at + 1)
                    continue
                if at + 1 >= end or following in ("=", "[", ":"):
                    self.declare(at)
                    return ""
            at += 1
        return ""

    def parameters(self, at: int, end: int) -> None:
        """The names of parameters: behind a type, in front of a comma, a default or the end."""
        depth = 0
        while at < end:
            token = self.tokens[at]
            depth += {"(": 1, ")": -1}.get(token, 0)
            if depth == 0:
                return
            before = self.tokens[at - 1]
            typed = before in (">", "&", "&&", "*") or (NAME.match(before) and before not in NO_NAME)
            if NAME.match(token) and typed and self.tokens[at + 1] in (",", ")", "="):
                self.silent.add(at)
            at += 1

    def behind_angles(self, at: int) -> int:
        depth = 0
        while at < len(self.tokens):
            depth += {"<": 1, ">": -1}.get(self.tokens[at], 0)
            at += 1
            if depth == 0:
                return at
        return at


def unused(sources: dict[str, str]) -> dict[str, str]:
    """Name -> the header that declares it, of what no source uses."""
    readers = {path: Reader(text) for path, text in sources.items()}
    used = {name for reader in readers.values() for name in reader.uses()}
    found = {}
    for path in sorted(sources):
        if path.endswith(".h"):
            found.update({name: path for name in sorted(readers[path].declared - used) if name not in found})
    return found


def unused_in_scripts(sources: dict[str, str]) -> dict[str, str]:
    """Name -> file, of functions that only their definition names. Decorators and pytest use functions without naming them."""
    mentions = collections.Counter(word for text in sources.values() for word in re.findall(r"\w+", text))
    found = {}
    for path, text in sources.items():
        first_line = text.partition("\n")[0]
        if path.endswith(".py") or "python3" in first_line:
            names = re.findall(r"^(?! *@).*\n *(?:async )?def (\w+)", text, re.MULTILINE)
        elif path.endswith(".sh") or "bash" in first_line:
            names = re.findall(r"^ *(\w+)\(\)", text, re.MULTILINE)
        else:
            names = []
        found.update({name: path for name in names if mentions[name] == 1 and not name.startswith(("test_", "pytest_", "__"))})
    return found


def unused_files(sources: dict[str, str]) -> list[str]:
    """Files of these folders that no other file names; a Python module is imported without its suffix."""
    found = []
    for path in sources:
        name = pathlib.Path(path).name.removesuffix(".py")
        others = (text for other, text in sources.items() if other != path)
        if path.startswith(("images/", "k8s/", "scripts/")) and not any(name in text for text in others):
            found.append(path)
    return found


def main() -> int:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    files = {name: ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()}
    product = {name: file.read_text() for name, file in files.items() if name.startswith(PRODUCT) and file.suffix in (".h", ".cpp")}
    # The programs of the fidelity suite are examples of Python, not code that is used.
    scripts = {name: file.read_text(errors="replace") for name, file in files.items() if not name.startswith("tests/fidelity/programs/")}
    scripts.pop("tests/lint/unused.py", None)  # names what is kept
    found = unused(product) | unused_in_scripts(scripts)
    faults = [f"{path}: nothing uses {name}" for name, path in found.items() if name not in KEPT]
    faults += [f"{path}: no other file names it" for path in unused_files(scripts)]
    faults += [f"tests/lint/unused.py: {name} is used or gone: take it off the list KEPT" for name in KEPT if name not in found]
    print(*faults, sep="\n", end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
