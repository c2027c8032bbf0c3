"""Stands behind every probe: says in one line what became of it."""

try:
    _got = attempt()  # noqa: F821
except BaseException as _error:
    print("contained:", repr(_error), flush=True)
else:
    print("able" if _got else "contained", flush=True)
