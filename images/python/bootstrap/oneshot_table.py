"""The beginning of a pandas object as JSON: a page builds a table of it, so that nothing a program writes becomes HTML.

The schema is checked by images/python/runner/display_table.cpp and described in docs/api.md.
"""

MOST_ROWS, MOST_COLUMNS, MOST_INDEX_COLUMNS = 100, 30, 8
LONGEST_TEXT = 200
LARGEST_EXACT = 2**53  # what JavaScript's numbers hold exactly


def text_of(value):
    try:
        text = str(value)
    except Exception as error:  # a program's own class
        text = f"<{type(value).__name__}: {type(error).__name__}>"
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def name_of(name):
    """Of a column or an index; a tuple where there are several levels."""
    return " / ".join(map(text_of, name)) if isinstance(name, tuple) else text_of(name)


def cell_of(value):
    """A number, a truth value, a text, or None where a value is missing."""
    import pandas

    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return bool(value)
    if pandas.api.types.is_scalar(value) and pandas.isna(value):
        return None
    if pandas.api.types.is_integer(value):
        return int(value) if abs(int(value)) < LARGEST_EXACT else str(int(value))
    if pandas.api.types.is_float(value) and type(value).__name__ != "longdouble":
        number = float(value)
        return number if number - number == 0 else str(number)  # infinities are no JSON
    return text_of(value)


def encode(value):
    """A description and the bytes, as the runner takes them."""
    import json

    import pandas

    kind = type(value).__name__
    if isinstance(value, pandas.Index):
        frame = value[:MOST_ROWS].to_frame(index=False)
        rows, columns, is_indexed = len(value), frame.shape[1], False
    else:
        frame = value.to_frame("" if value.name is None else value.name) if isinstance(value, pandas.Series) else value
        (rows, columns), is_indexed = frame.shape, True
    begin = frame.iloc[:MOST_ROWS, :MOST_COLUMNS]
    levels = [begin.index.get_level_values(level) for level in range(min(begin.index.nlevels, MOST_INDEX_COLUMNS))] if is_indexed else []
    head = [{"name": "" if level.name is None else name_of(level.name), "dtype": str(level.dtype)} for level in levels]
    head += [{"name": name_of(name), "dtype": text_of(dtype)} for name, dtype in zip(begin.columns, begin.dtypes)]
    series = [*levels, *(begin.iloc[:, column] for column in range(begin.shape[1]))]
    cells = [list(row) for row in zip(*([cell_of(each) for each in one] for one in series))]
    table = {"rows": rows, "columns": columns, "index_columns": len(levels), "head": head, "cells": cells}
    alt = f"{kind}, {rows} {'row' if rows == 1 else 'rows'} and {columns} {'column' if columns == 1 else 'columns'}"
    content = json.dumps(table, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    return {"mime": "application/vnd.oneshot.table+json", "alt": alt}, content
