"""What is told of a series of durations."""

import math


def percentile(values: list[float], share: float) -> float:
    """Nearest rank: a value that was measured, never one between two. With fewer than 100 samples p99 is the worst one."""
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)]


def summary(seconds: list[float]) -> dict:
    milliseconds = [1000 * value for value in seconds]
    return {
        "count": len(seconds),
        "p50_ms": round(percentile(milliseconds, 0.5), 1),
        "p99_ms": round(percentile(milliseconds, 0.99), 1),
        "min_ms": round(min(milliseconds), 1),
        "max_ms": round(max(milliseconds), 1),
    }


def median(values: list[float]) -> float:
    return round(percentile(values, 0.5), 1)
