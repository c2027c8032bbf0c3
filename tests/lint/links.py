#!/usr/bin/python3
"""Every relative link of a Markdown file leads to a file of this repository, and its anchor to a heading there.

Usage: tests/lint/links.py     prints the links that lead nowhere; exit status 1 if there is one.
"""

import pathlib
import re
import subprocess
import sys
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#+ +(.+?) *#*$", re.MULTILINE)


def anchors(text: str) -> set[str]:
    """As GitHub makes them: lower case, spaces to hyphens, punctuation dropped, repetitions numbered."""
    names: set[str] = set()
    seen: dict[str, int] = {}
    for heading in HEADING.findall(FENCE.sub("", text)):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        count = seen.get(slug, 0)
        seen[slug] = count + 1
        names.add(f"{slug}-{count}" if count else slug)
    return names


def faults_in(name: str, text: str, read) -> Iterator[str]:
    """`read(path)` returns a file's text, an empty one for a folder, None for what is not there."""
    for target in LINK.findall(CODE.sub("", FENCE.sub("", text))):
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue  # another site; the network is no part of a lint
        path, _, anchor = target.partition("#")
        if path.startswith("/"):
            yield f"{name}: {target}: write links from this file's folder, so that they work everywhere"
            continue
        goal = (ROOT / name).parent.joinpath(path).resolve() if path else ROOT / name
        there = read(goal)
        if there is None or not goal.is_relative_to(ROOT):
            yield f"{name}: {target} is not there"
        elif anchor and anchor not in anchors(there):
            yield f"{name}: {target}: there is no such heading"


def read(path: pathlib.Path) -> str | None:
    if path.is_dir():
        return ""
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None


def main() -> int:
    listed = subprocess.run(["git", "ls-files", "-z", "*.md"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    faults = []
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            faults += faults_in(name, (ROOT / name).read_text(encoding="utf-8"), read)
    print(*faults, sep="\n", end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
