#!/usr/bin/python3
"""Who may include whom. docs/architecture.md draws the same table as a graph and says why.

Usage: tests/lint/layers.py     prints each include that goes the wrong way; exit status 1 if there is one.
"""

import pathlib
import re
import sys
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ("core", "api", "controller", "images/python/runner")

# Folder -> folders whose headers it may include, besides its own. A folder that is not named here belongs to the nearest one above
# that is, and may not exist without.
ALLOWED: dict[str, set[str]] = {
    "core/base": set(),
    "core/domain": {"core/base"},
    "core/telemetry": {"core/base"},
    "core/protocol": {"core/base"},
    "core/config": {"core/base", "core/domain", "core/telemetry"},
    "core/store": {"core/base", "core/domain", "core/telemetry"},
    "core/admin": {"core/base"},
    "images/python/runner": {"core/base", "core/domain", "core/protocol"},
    "api": {"core/base", "core/admin", "core/config", "core/domain", "core/store", "core/telemetry", "api/handlers", "api/http", "api/wire"},
    "api/http": {"core/base", "core/telemetry"},
    "api/wire": {"core/base", "core/domain", "api/http"},
    "api/handlers": {"core/base", "core/domain", "core/store", "core/telemetry", "api", "api/http", "api/wire"},
    # Kubernetes without runs; a queue without either.
    "controller/kube": {"core/base"},
    "controller/queue": {"core/base"},
    "controller/lease": {"core/base", "controller/kube"},
    "controller/cluster": {"core/base", "controller/kube"},
    "controller/manifest": {"core/base", "core/domain"},
    "controller/delivery": {"core/base", "core/domain", "core/protocol", "controller/kube"},
}
WORKING_CORE = {"core/base", "core/domain", "core/protocol", "core/store", "core/telemetry"}
WORKED_WITH = {f"controller/{part}" for part in ("kube", "queue", "cluster", "manifest", "delivery")}
ALLOWED["controller/term"] = WORKING_CORE | WORKED_WITH
ALLOWED["controller/pool"] = WORKING_CORE | WORKED_WITH | {"controller/term"}
ALLOWED["controller/reconcile"] = WORKING_CORE | WORKED_WITH | {"controller/term"}
ALLOWED["controller"] = {folder for folder in ALLOWED if folder.startswith(("core/", "controller/"))}

# Decisions: the types they look at, and nothing that acts. A run's fate must be the same whatever woke the controller.
PURE = ("controller/reconcile/plan", "controller/reconcile/classify", "controller/pool/pool_plan", "controller/pool/pool_target",
        "controller/delivery/link_plan", "controller/lease/lease_judge")
PURE_MAY_INCLUDE = re.compile(
    r"(controller/(reconcile/(plan|classify)|pool/pool_(plan|target)|lease/lease_judge|cluster/cluster_view|delivery/(link_plan|run_channel)"
    r"|kube/(objects|codec))|core/base/clock|core/domain/\w+|core/protocol/\w+|core/store/run_store)\.h"
)
IMPURE = re.compile(r"_clock::now\(|<(thread|mutex|future|fstream|iostream|unistd\.h|sys/[^>]*)>|\bLog\(|\bRandom\w+\(|\bgetenv\(")

# Third-party headers -> the only files that know them. Replacing a library then means replacing these.
ADAPTERS = {
    "cpprest/": r"api/http/(listener\.cpp|cpprest_adapters\.h)",
    "pplx/": r"api/http/listener\.cpp",
    "pqxx/": r"core/store/(migrate\.cpp|pg_\w+\.cpp|pg_(connections?|rows)\.h)",
    "yaml-cpp/": r"core/config/document\.cpp|controller/manifest/job_template\.cpp|controller/kube/credentials\.cpp|api/openapi_to_cpp\.cpp",
    "spdlog/": r"core/telemetry/log\.cpp",
    "prometheus/": r"core/telemetry/metrics\.cpp",
    "curl/": r"controller/kube/(http|url)\.cpp",
    "boost/": r"(core/admin/admin_server|controller/kube/attach)\.cpp",
    "openssl/": r"controller/kube/attach\.cpp",
    "nlohmann/": r".*\.cpp",
    "CLI/": r"core/config/program\.cpp",
}

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"(?P<own>[^"]+)"|<(?P<foreign>[^>]+)>)')


def folder_of(path: str) -> str:
    """The folder of the table that `path` belongs to; empty when there is none."""
    for parent in pathlib.PurePosixPath(path).parents:
        if str(parent) in ALLOWED:
            return str(parent)
    return ""


def faults_in(path: str, text: str) -> Iterator[str]:
    folder = folder_of(path)
    if not folder:
        yield f"{path}: this folder is not in the table of tests/lint/layers.py"
        return
    is_pure = path.rpartition(".")[0] in PURE
    for number, line in enumerate(text.splitlines(), 1):
        if is_pure and IMPURE.search(line):
            yield f"{path}:{number}: a decision must not look at the world by itself: {line.strip()}"
        include = INCLUDE.match(line)
        if not include:
            continue
        if own := include["own"]:
            target = folder_of(own)
            if not target:
                yield f"{path}:{number}: {own} is no header of a known folder (includes start at the repository's root)"
            elif target != folder and target not in ALLOWED[folder]:
                yield f"{path}:{number}: {folder} must not know {target} ({own})"
            elif is_pure and not PURE_MAY_INCLUDE.fullmatch(own):
                yield f"{path}:{number}: a decision may include types only, not {own}"
        else:
            for prefix, files in ADAPTERS.items():
                if include["foreign"].startswith((prefix, prefix.rstrip("/") + ".h")) and not re.fullmatch(files, path):
                    yield f"{path}:{number}: only {files} may include <{include['foreign']}>"


def main() -> int:
    faults = []
    for folder in SOURCES:
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in (".h", ".cpp"):
                faults += faults_in(str(file.relative_to(ROOT)), file.read_text(encoding="utf-8"))
    print(*faults, sep="\n", end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
