"""Modules of CPython's own test suite as submissions: each is one program that carries the tests and what they import."""

import ast
import base64
import json
import pathlib
import zlib

import reference
from cases import Case

SOURCE_LIMIT = 256 * 1024
CARRIER = pathlib.Path(__file__).with_name("carrier.py")
# Certificates for tests that are not run here, which utils.py wants to have found when it is imported.
CHANGED = {"test.test_asyncio.utils": ("raise FileNotFoundError(filename)", "return filename")}
LIST = pathlib.Path(__file__).with_name("cpython_modules.json")


def is_part(folder: pathlib.Path, name: str) -> pathlib.Path | None:
    base = folder.parent.joinpath(*name.split("."))
    for file in (base / "__init__.py", base.with_suffix(".py")):
        if file.is_file():
            return file
    return None


def imported(file: pathlib.Path, package: str) -> set[str]:
    """Every dotted name that an import statement anywhere in the file may mean."""
    names = set()
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            names |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return {name for name in names if name.split(".")[0] == "test"}


def needed(folder: pathlib.Path, modules: list[str], without: list[str]) -> dict[str, pathlib.Path]:
    found, waiting = {}, list(modules)
    while waiting:
        name = waiting.pop()
        file = is_part(folder, name)
        if file is None or name in found or name in without:
            continue
        found[name] = file
        waiting += imported(file, name if file.name == "__init__.py" else name.rpartition(".")[0])
        if "." in name:
            waiting.append(name.rpartition(".")[0])
    return found


def carried(name: str, file: pathlib.Path) -> dict:
    text = file.read_text()
    before, after = CHANGED.get(name, ("", ""))
    assert before in text, f"{file}: what was to be changed is no longer there"
    return {"source": text.replace(before, after) if before else text, "is_package": file.name == "__init__.py"}


def program(folder: pathlib.Path, modules: list[str], left_out: list[str] = (), also: list[str] = (), without: list[str] = ()) -> str:
    files = needed(folder, [*modules, *also], without)
    sources = {name: carried(name, file) for name, file in sorted(files.items())}
    archive = base64.b85encode(zlib.compress(json.dumps(sources).encode(), 9))
    values = {"ARCHIVE": archive, "MODULES": modules, "LEFT_OUT": left_out}
    comment, code = CARRIER.read_text().split("\nimport base64\n", 1)
    text = "import base64\n" + code.replace("\nCARRIED", "".join(f"\n{name} = {value!r}" for name, value in values.items()) + "\nCARRIED", 1)
    assert len(text) <= SOURCE_LIMIT, f"{modules}: {len(text)} bytes with {sorted(files)}"
    return text


def carried_modules() -> list[Case]:
    folder = reference.test_modules()
    found = []
    for entry in json.loads(LIST.read_text()):
        modules = [f"test.{name}" for name in entry["modules"]]
        extra = [[f"test.{name}" for name in entry.get(key, ())] for key in ("also_carried", "not_carried")]
        source = program(folder, modules, list(entry.get("left_out", ())), *extra)
        found.append(Case(f"cpython: {' '.join(entry['modules'])}", source, scratch_mib=entry.get("scratch_mib", 0)))
    return found
