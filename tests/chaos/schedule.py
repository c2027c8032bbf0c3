"""What is done to the system and when: all of it follows from a seed."""

import dataclasses
import math
import random

FIRST_SECONDS = 6  # programs are under way
LAST_SECONDS = 15  # before the end nothing new begins

PROCESSES = (
    "api-1", "api-2", "controller-leader", "controller-standby", "nginx-1", "nginx-2", "postgresql",
    "kube-apiserver", "etcd", "kube-controller-manager", "kube-scheduler", "kubelet", "containerd", "shim", "runner",
)  # fmt: skip
# What ends by itself when it is told to, and is started again.
RESTARTABLE = tuple(name for name in PROCESSES if name not in ("shim", "runner"))
# Who speaks first, and to whom.
LINKS = (
    "nginx|api-1", "nginx|api-2", "api-1|postgresql", "api-2|postgresql", "controller-leader|postgresql",
    "controller-standby|postgresql", "controller-leader|kube-apiserver", "controller-standby|kube-apiserver",
    "kube-apiserver|etcd", "kube-apiserver|kubelet", "kubelet|kube-apiserver", "kube-controller-manager|kube-apiserver",
    "kube-scheduler|kube-apiserver",
)  # fmt: skip
DIRECTIONS = ("both", "there", "back")


@dataclasses.dataclass(frozen=True)
class Sort:
    """A kind of fault: what it can hit, and for how long."""

    targets: tuple[str, ...]
    weight: int
    seconds: tuple[float, float] = (0, 0)  # from, to


SORTS = {
    "kill": Sort(PROCESSES, 5),
    "pause": Sort(PROCESSES, 4, (1, 60)),
    "cut": Sort(LINKS, 4, (1, 45)),
    "restart": Sort(RESTARTABLE, 2),
    "delete": Sort(("pod",), 1),
    "fill": Sort(("postgresql",), 1, (3, 30)),
    "skew": Sort(("controller-leader", "controller-standby"), 1, (3, 40)),
    "node": Sort(("second",), 1, (5, 75)),
}


@dataclasses.dataclass(frozen=True)
class Strike:
    number: int
    at: float  # seconds after the beginning
    kind: str
    target: str
    seconds: float = 0  # until it is undone
    detail: str = ""  # the direction of a cut, the seconds of a skewed clock

    def __str__(self) -> str:
        lasts = f" for {self.seconds:.1f} s" if self.seconds else ""
        return f"{self.number:3d}  at {self.at:6.1f} s  {self.kind} {self.target}{' ' + self.detail if self.detail else ''}{lasts}"


def duration(chance: random.Random, sort: Sort, longest: float) -> float:
    """Short ones are as likely as long ones, whatever the order of magnitude."""
    least, most = sort.seconds
    most = max(least, min(most, longest))
    return round(math.exp(chance.uniform(math.log(least), math.log(most))), 1) if least else 0


def detail(chance: random.Random, kind: str) -> str:
    if kind == "cut":
        return chance.choice(DIRECTIONS)
    if kind == "skew":
        return f"{chance.choice((-1, 1)) * chance.randint(3, 40):+d}"
    return ""


def plan(seed: int, seconds: float, kinds: tuple[str, ...] = tuple(SORTS)) -> list[Strike]:
    """The faults of one run of chaos. `kinds` are those that this system can be dealt."""
    chance = random.Random(seed)
    decks: dict[str, list[str]] = {}
    strikes: list[Strike] = []
    at = float(FIRST_SECONDS)
    while at < seconds - LAST_SECONDS:
        kind = chance.choices(kinds, [SORTS[kind].weight for kind in kinds])[0]
        # Every target of a kind comes once before one comes again.
        if not decks.get(kind):
            decks[kind] = chance.sample(SORTS[kind].targets, len(SORTS[kind].targets))
        longest = min(seconds / 4, seconds - LAST_SECONDS / 3 - at)
        strike = Strike(len(strikes) + 1, round(at, 1), kind, decks[kind].pop(), duration(chance, SORTS[kind], longest), detail(chance, kind))
        strikes.append(strike)
        # One in four begins while the last one is still on; the others let the system find its feet, sometimes only just.
        if strike.seconds > 2 and chance.random() < 0.25:
            at += chance.uniform(0.5, strike.seconds)
        else:
            at += strike.seconds + chance.uniform(2, 12)
    return strikes
