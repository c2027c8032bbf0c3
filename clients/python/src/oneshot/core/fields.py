"""Reads JSON objects whose fields may be absent, unknown or of a wrong type.

As on the page: unknown fields are ignored and absent ones count as unknown, so that a client works with a server of another version;
a field of a wrong type makes the answer unreadable.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Dict, List, Optional, Tuple, TypeVar

from oneshot.errors import UnreadableAnswer

T = TypeVar("T")
JsonObject = Dict[str, object]


def parse_object(what: str, text: bytes) -> JsonObject:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise UnreadableAnswer(f"{what}: not JSON ({fault})") from None
    return as_object(what, value)


def as_object(what: str, value: object) -> JsonObject:
    if not isinstance(value, dict):
        raise UnreadableAnswer(f"{what}: not an object")
    return value


class Fields:
    """The fields of one object. `what` names it in errors."""

    def __init__(self, what: str, value: object):
        self.what = what
        self.json = as_object(what, value)

    def _read(self, name: str, kind: Tuple[type, ...], wanted: str) -> Optional[object]:
        value = self.json.get(name)
        # In Python, true is a number.
        if value is not None and (not isinstance(value, kind) or (isinstance(value, bool) and bool not in kind)):
            raise UnreadableAnswer(f"{self.what}: {name} is not {wanted}")
        return value

    def maybe_text(self, name: str) -> Optional[str]:
        value = self._read(name, (str,), "text")
        return value if isinstance(value, str) else None

    def maybe_whole(self, name: str) -> Optional[int]:
        value = self._read(name, (int,), "a whole number")
        return value if isinstance(value, int) else None

    def maybe_number(self, name: str) -> Optional[float]:
        value = self._read(name, (int, float), "a number")
        return value if isinstance(value, (int, float)) else None

    def maybe_time(self, name: str) -> Optional[datetime]:
        text = self.maybe_text(name)
        if text is None:
            return None
        try:
            return datetime.fromisoformat(text.replace("Z", "+00:00"))  # before Python 3.11 `Z` is not read
        except ValueError:
            raise UnreadableAnswer(f"{self.what}: {name} is not a time") from None

    def text(self, name: str) -> str:
        return self._required(name, self.maybe_text(name))

    def whole(self, name: str) -> int:
        return self._required(name, self.maybe_whole(name))

    def time(self, name: str) -> datetime:
        return self._required(name, self.maybe_time(name))

    def flag(self, name: str) -> bool:
        return bool(self._read(name, (bool,), "true or false"))

    def child(self, name: str) -> Fields:
        """An empty object where there is none."""
        return Fields(f"{self.what}: {name}", self._read(name, (dict,), "an object") or {})

    def children(self, name: str) -> List[Fields]:
        return [Fields(f"{self.what}: {name}", each) for each in self._items(name)]

    def texts(self, name: str) -> Tuple[str, ...]:
        items = self._items(name)
        texts = tuple(each for each in items if isinstance(each, str))
        if len(texts) != len(items):
            raise UnreadableAnswer(f"{self.what}: {name} is not a list of texts")
        return texts

    def _items(self, name: str) -> List[object]:
        value = self._read(name, (list,), "a list")
        return value if isinstance(value, list) else []

    def _required(self, name: str, value: Optional[T]) -> T:
        if value is None:
            raise UnreadableAnswer(f"{self.what}: {name} is missing")
        return value
