# Runs one module of CPython's own tests that it carries in itself, and prints what became of each test. Nothing printed
# depends on time or chance. cpython.py puts in the names in capitals.
import base64
import gc
import importlib.abc
import importlib.util
import json
import os
import sys
import unittest
import zlib

CARRIED = json.loads(zlib.decompress(base64.b85decode(ARCHIVE)))


class Carrier(importlib.abc.MetaPathFinder, importlib.abc.ExecutionLoader):
    def find_spec(self, name, path=None, target=None):
        if name in CARRIED:
            spec = importlib.util.spec_from_loader(name, self, origin=self.get_filename(name), is_package=self.is_package(name))
            spec.has_location = True
            return spec

    def is_package(self, name):
        return CARRIED[name]["is_package"]

    def get_filename(self, name):
        return "/carried/" + name.replace(".", "/") + ("/__init__.py" if self.is_package(name) else ".py")

    def get_source(self, name):
        return CARRIED[name]["source"]


class Verdicts(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.lines = []

    def say(self, verdict, test, error=None):
        self.lines.append(f"{verdict} {test.id()}" + (f": {error[0].__name__}" if error else ""))

    def addSuccess(self, test):
        self.say("ok", test)

    def addError(self, test, error):
        super().addError(test, error)
        self.say("ERROR", test, error)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.say("FAILED", test, error)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error:
            self.say("FAILED", test, error)

    def addSkip(self, test, reason):
        self.say("skipped", test)

    def addExpectedFailure(self, test, error):
        self.say("failed as expected", test, error)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.say("UNEXPECTED SUCCESS", test)


def chosen(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from chosen(test)
        elif not any(part in test.id() for part in LEFT_OUT):
            yield test


def main():
    sys.meta_path.insert(0, Carrier())
    from test import support

    support.verbose = 0
    support.use_resources = ()  # no network, no minutes of CPU time, no big files
    verdicts = Verdicts()
    for name in MODULES:
        try:
            module = importlib.import_module(name)
        except unittest.SkipTest as why:
            verdicts.lines.append(f"skipped {name}: {why}")
            continue
        unittest.TestSuite(chosen(unittest.defaultTestLoader.loadTestsFromModule(module))).run(verdicts)
    gc.collect()
    # Only now: a child process that is forked in between would have unwritten lines of its parent to write.
    print(*verdicts.lines, sep="\n")
    print("ran:", verdicts.testsRun, "failed:", len(verdicts.failures), "errors:", len(verdicts.errors))
    if os.environ.get("ONESHOT_FIDELITY_TRACEBACKS"):
        print(*(text for _, text in verdicts.failures + verdicts.errors), sep="\n", file=sys.stderr)
    print("ended:", True, flush=True)


if __name__ == "__main__":
    main()
