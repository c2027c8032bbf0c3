"""Saves files whose names a program has chosen, and nowhere but below a folder."""

from __future__ import annotations

import os
import pathlib


def save_below(folder: pathlib.Path, path: str, content: bytes) -> pathlib.Path:
    """Writes a new file and returns where it is.

    Nothing is overwritten and no link is followed, so that a program cannot reach what is in the folder already. What cannot be written
    whole is not there. Raises ValueError or OSError.
    """
    names = path.split("/")
    if any(name in ("", ".", "..") for name in names) or os.path.isabs(path) or "\0" in path:
        raise ValueError(f"{path!r} is no path below a folder")
    place = folder
    for name in names[:-1]:
        place /= name
        place.mkdir(exist_ok=True)
        if place.is_symlink():
            raise ValueError(f"{place} is a link, which may lead elsewhere")
    place /= names[-1]
    with open(place, "xb") as file:  # exclusive: not through a link either
        try:
            file.write(content)
            file.flush()
        except BaseException:
            place.unlink()  # half a file looks like a whole one, and the next attempt would not overwrite it
            raise
    return place
