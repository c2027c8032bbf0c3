"""What a program is expected to print is what it prints: each kind is executed by a Python of this machine."""

import subprocess
import sys
import types

import pytest

from output_check import difference, nonce_of
from programs import KINDS, Program

# Without the pauses, the sleep and the library that this machine may not have; main.py stands where the tracebacks say.
STUBS = """
import sys, time, types
time.sleep = lambda _: None
class Column:
    def __init__(self, values): self.values = list(values)
    def __mod__(self, by): return Column(value % by for value in self.values)
class Groups(dict):
    n = property(lambda self: self)
    def sum(self): return {key: sum(values) for key, values in sorted(self.items())}
class DataFrame:
    def __init__(self, columns): self.n = Column(columns["n"])
    def __setitem__(self, name, column): self.group = column
    def groupby(self, name):
        groups = Groups()
        for value, key in zip(self.n.values, self.group.values): groups.setdefault(key, []).append(value)
        return groups
sys.modules["pandas"] = types.SimpleNamespace(DataFrame=DataFrame)
exec(compile(open(sys.argv[1]).read(), "/code/main.py", "exec"), {"__name__": "__main__"})
"""


def execute(program: Program, folder) -> types.SimpleNamespace:
    (folder / "main.py").write_text(program.source())
    done = subprocess.run(
        [sys.executable, "-c", STUBS, folder / "main.py"], input=(program.stdin() or "").encode(), capture_output=True, timeout=60
    )
    return types.SimpleNamespace(code=done.returncode, stdout=done.stdout, stderr=done.stderr)


@pytest.mark.parametrize("name", KINDS)
def test_a_program_writes_what_is_expected_of_it(name, tmp_path):
    for seed in range(3):
        program = Program(KINDS[name], f"t{seed}", seed)
        done = execute(program, tmp_path)
        stdout, stderr = program.output(nonce_of(done.stdout, program.marker))
        assert done.stdout == stdout, difference(stdout, done.stdout)
        if KINDS[name].exit_code == 1:  # the traceback shows this file's exec too, and no source line
            assert done.stderr.splitlines()[-1] == stderr.splitlines()[-1]
            assert stderr.splitlines()[1] in done.stderr.splitlines()
        else:
            assert done.stderr == stderr
        assert done.code == (KINDS[name].exit_code or 0)


def test_two_executions_never_write_the_same(tmp_path):
    program = Program(KINDS["short"], "t", 1)
    assert execute(program, tmp_path).stdout != execute(program, tmp_path).stdout
    assert program.output("a") != program.output("b")


def test_the_same_seed_is_the_same_program():
    for kind in KINDS.values():
        assert Program(kind, "m", 5).source() == Program(kind, "m", 5).source()
        assert Program(kind, "m", 5).stdin() == Program(kind, "m", 5).stdin()
        assert Program(kind, "m", 5).source() != Program(kind, "n", 5).source()
