"""The table of design.md 8: each bar beside what was measured. A row that was not measured says so and is never met."""

from collections.abc import Callable

Found = dict | list | float | int | None


def at(results: dict, *path: str) -> Found:
    """The value at a path of keys; None where a part of it was not measured."""
    value: Found = results
    for key in path:
        if not isinstance(value, dict) or key not in value:
            return None
        value = value[key]
    return value


class Row:
    """One bar: what is read from the results, and what it must be."""

    def __init__(self, what: str, path: tuple[str, ...], bar: float, unit: str, *, at_least: bool = False, against: str = ""):
        self.what, self.path, self.bar, self.unit, self.at_least, self.against = what, path, bar, unit, at_least, against

    def judged(self, results: dict) -> dict:
        measured = at(results, *self.path)
        holds: Callable[[float], bool] = (lambda value: value >= self.bar) if self.at_least else (lambda value: value <= self.bar)
        return {
            "what": self.what,
            "bar": f"{'≥' if self.at_least else '≤'} {self.bar:g} {self.unit}".strip(),
            "measured": None if measured is None else f"{measured:g} {self.unit}".strip(),
            "samples": at(results, *self.path[:-1], "count"),
            "met": None if measured is None else holds(measured),
        }


WARM_PANDAS = ("warm", "pandas_describe")
ROWS = (
    Row("warm, pandas script, p50", (*WARM_PANDAS, "warm", "p50_ms"), 30, "ms"),
    Row("warm, pandas script, p99", (*WARM_PANDAS, "warm", "p99_ms"), 100, "ms"),
    Row("warm, pandas script, p50 of local `python3`'s", (*WARM_PANDAS, "ratio_to_local_p50"), 0.2, "×"),
    Row("warm, `print(6)`, p50", ("warm", "print_six", "warm", "p50_ms"), 22, "ms"),
    # 0.6 of what it took before the snapshot (d5863cc): 1,419 and 1,430 ms, medians of two passes on 30 November, 2 × Intel Xeon.
    Row("pool full again after a run, p50 from its POST", ("refill", "p50_ms"), 855, "ms"),
    Row("cold, `print(6)`, p50", ("cold", "print_six", "cold", "p50_ms"), 600, "ms"),
    Row("cold, `print(6)`, p50 of a plain Job's", ("cold", "print_six", "ratio_to_plain_job_p50"), 0.2, "×"),
    Row("cold, pandas script, p50", ("cold", "pandas_describe", "cold", "p50_ms"), 450, "ms"),
    Row("cold, pandas script, p50 of `print(6)`'s", ("cold", "pandas_of_print_p50"), 1.15, "×"),
    Row("cold, pandas script, p50 of a plain Job's", ("cold", "pandas_describe", "ratio_to_plain_job_p50"), 0.2, "×"),
    Row("sustained runs/s of plain Jobs/s, pandas script", ("sustained", "pandas_describe", "ratio_to_plain_jobs"), 1.8, "×", at_least=True),
    Row("sustained runs/s of plain Jobs/s, `print(6)`", ("sustained", "print_six", "ratio_to_plain_jobs"), 0.9, "×", at_least=True),
    Row("memory of a Job that waits, not shared", ("waiting", "start", "restored", "own_mb"), 20, "MB"),
    Row("accepted submissions while busy", ("submissions", "accepted", "per_second"), 1000, "/s", at_least=True),
    Row("accepted submissions while busy, p99", ("submissions", "accepted", "p99_ms"), 50, "ms"),
    Row("controller memory, full queue", ("submissions", "memory_with_full_queue", "controller", "peak_mib"), 64, "MiB"),
    Row("controller memory, 10,000 queued and 100 running, simulated", ("simulation", "bar", "controller_when_busy_mib"), 64, "MiB"),
    Row("first byte printed to event, p50", ("first_byte", "first", "p50_ms"), 30, "ms"),
    Row("page, bytes of the first load, gzip", ("page", "first_load_kb"), 250, "kB"),
    Row("page, first visit, processor 4 × slower: usable, p50", ("page", "first_visit", "usable", "p50_ms"), 1000, "ms"),
    Row("page, first visit, processor 4 × slower: largest paint, p50", ("page", "first_visit", "lcp", "p50_ms"), 1500, "ms"),
    Row("page, longest task while 100,000 lines/s come, p50", ("page", "long_tasks", "p50_ms"), 50, "ms"),
    Row("page, key to the first output of a warm `print(6)`, p50", ("page", "print", "p50_ms"), 100, "ms"),
    Row("page, key to the figure of a warm run, p50", ("page", "figure", "p50_ms"), 250, "ms"),
)


def judged(results: dict) -> list[dict]:
    return [row.judged(results) for row in ROWS]
