"""The page as a browser shows it: what tests/e2e/ui/performance.mjs measures in Debian's Chromium."""

import json
import os
import shutil
import subprocess

from running_system import ROOT, STATE, LeftOut, System

PROGRAM = ROOT / "tests" / "e2e" / "ui" / "performance.mjs"
PACKAGES = ROOT / "frontend" / "node_modules" / "playwright-core"
CHROMIUM = "/usr/bin/chromium"
PRIORITIZED = ROOT / "tests" / "bench" / "prioritized_chromium"
DEADLINE_SECONDS = 900


def page(system: System) -> dict:
    own = STATE / "bin" / "node"  # where Debian's is too old (scripts/setup)
    node = str(own) if own.exists() else shutil.which("node")
    chromium = os.environ.get("CHROMIUM", CHROMIUM)
    if node is None or not PACKAGES.is_dir() or not shutil.which(chromium):
        raise LeftOut("node, frontend/node_modules or Chromium is missing (scripts/setup build test, scripts/build)")
    system.controller.wait_idle()
    site = f"http://localhost:{system.site.api.port}"
    measured = subprocess.run(
        [node, str(PROGRAM), *(["--quick"] if system.quick else [])],
        env={**os.environ, "BASE_URL": site, "CHROMIUM": str(PRIORITIZED), "PRIORITIZED": chromium},
        stdout=subprocess.PIPE,
        timeout=DEADLINE_SECONDS,
        check=True,
    )
    told = json.loads(measured.stdout)
    told["first_load_kb"] = round(told.pop("first_load_bytes") / 1000, 1)
    return told
