"""The probes: hostile programs in `probes/`, one file each, with a few comments at the top that say what they are.

    # tries: to load a module                     what it is after
    # contained: EPERM from the filter            what must happen
    # limits: {"wall_seconds": 2}                 what the run asks for, if anything
    # ends: wall_time_exceeded                    the run's reason, as a regular expression; `exited` where nothing stands
    # watch: 3                                    seconds for which its output is still watched after its end, in the weakened pod
"""

import dataclasses
import json
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
PROBES = HERE / "probes"
FACTS = {"tries", "contained", "limits", "ends", "watch"}


@dataclasses.dataclass(frozen=True)
class Probe:
    name: str  # its path below probes/, without .py
    source: str  # with what stands before and behind it
    tries: str
    contained: str
    limits: dict
    ends: str
    watch_seconds: float

    def is_contained(self, run: dict) -> bool:
        """What the program says counts only as a confession: it may say anything else."""
        return "able" not in run["stdout"].splitlines() and re.fullmatch(self.ends, run["reason"]) is not None


def load(path: pathlib.Path) -> Probe:
    text = path.read_text(encoding="utf-8")
    facts = dict(re.findall(r"^# (\w+): (.+)$", text, re.MULTILINE))
    if not {"tries", "contained"} <= facts.keys() <= FACTS:
        raise ValueError(f"{path}: its first lines are not those of a probe")
    parts = [HERE / "prelude.py", path, HERE / "epilogue.py"]
    return Probe(
        name=str(path.relative_to(PROBES).with_suffix("")),
        source="\n".join(part.read_text(encoding="utf-8") for part in parts),
        tries=facts["tries"],
        contained=facts["contained"],
        limits=json.loads(facts.get("limits", "{}")),
        ends=facts.get("ends", "exited"),
        watch_seconds=float(facts.get("watch", 0)),
    )


def load_all() -> list[Probe]:
    return [load(path) for path in sorted(PROBES.rglob("*.py"))]
