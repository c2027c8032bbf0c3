"""The linters of this folder find what they are for; a linter that finds nothing would look just like a clean tree."""

import pathlib

import documentation
import layers
import links
import unused


def faults(path: str, text: str) -> list[str]:
    return list(layers.faults_in(path, text))


def test_the_two_programs_never_include_each_other():
    assert faults("api/app.cpp", '#include "controller/options.h"')
    assert faults("controller/app.cpp", '#include "api/options.h"')


def test_core_knows_none_of_its_users():
    assert faults("core/store/run_store.h", '#include "api/routes.h"')
    assert faults("core/base/clock.h", '#include "core/domain/run.h"')


def test_kubernetes_knows_no_runs_and_the_queue_neither():
    assert faults("controller/kube/client.h", '#include "core/domain/run.h"')
    assert faults("controller/queue/work_queue.h", '#include "controller/kube/objects.h"')


def test_a_new_folder_belongs_to_the_one_above_it():
    assert layers.folder_of("core/store/migrations/more/x.h") == "core/store"
    assert faults("core/shared/helpers.h", "")


def test_a_decision_must_not_act():
    assert faults("controller/reconcile/plan.cpp", '#include "controller/kube/client.h"')
    assert faults("controller/reconcile/plan.cpp", "const auto now = std::chrono::steady_clock::now();")
    assert not faults("controller/reconcile/reconciler.cpp", '#include "controller/kube/client.h"')


def test_libraries_stay_in_their_adapters():
    assert faults("api/handlers/runs.cpp", "#include <pqxx/pqxx>")
    assert faults("api/wire/objects.h", "#include <nlohmann/json.hpp>")
    assert not faults("core/store/pg_rows.h", "#include <pqxx/pqxx>")


def test_a_tables_rows_are_those_below_its_heading():
    text = "# A\n## Keys\n| key | x |\n|---|---|\n| `a.b` | `c` |\n### More\n| `d`, `e` | x |\n## Other\n| `f` | x |\n"
    assert documentation.rows(text, "Keys") == {"a.b", "d", "e"}
    assert documentation.rows(text, "Nothing") == set()


def test_differences_name_both_sides():
    told = documentation.differences("key", {"a", "b"}, {"b", "c"}, "x.md")
    assert len(told) == 2 and "`a` is missing" in told[0] and "no key `c`" in told[1]
    assert documentation.differences("key", set(), set(), "x.md")


def test_the_walk_names_files_that_exist_and_is_short():
    def told(*stops: str) -> list[str]:
        document = "## Follow one submission\n### in\n" + "\n".join(stops) + "\n### out\n1. `a/b.ts` shows it.\n## Next\n`not/there.ts`\n"
        return documentation.walk_faults(document, lambda path: path == "a/b.ts")

    assert not told("1. `a/b.ts` sends it with `POST /x`.")
    assert "no a/c.ts" in told("1. `a/b.ts` makes what `a/c.ts` needs.")[0]
    assert "begin with a file" in told("1. It comes from `a/b.ts`.")[0]
    assert "17 stops" in told(*["1. `a/b.ts` passes it on."] * 17)[0]
    assert "0 stops" in told()[0]
    assert documentation.walk_faults("# Nothing of it\n", bool)


def test_what_may_die_has_a_test_that_exists():
    files = {
        "tests/a.py": "def test_x(api):\n",
        "tests/b_test.cpp": "TEST_F(B,\n       Lives) {\nTEST(B, DISABLED_Rests) {\n",
        "tests/c.test.mjs": "  it('goes on', async",
    }

    def told(cell: str) -> list[str]:
        table = f"| what | seen | runs | test |\n|---|---|---|---|\n| nginx | `a` | `b` | {cell} |\n"
        return documentation.death_faults(f"## What happens when something dies\n{table}## Next\n| x | y |\n", files.get)

    assert not told("`tests/a.py` `test_x`, `tests/b_test.cpp` `Lives`, `tests/c.test.mjs` `goes on`")
    assert "has no test `test`" in told("`tests/a.py` `test_x`, `test`")[0]
    assert "has no test `Rests`" in told("`tests/b_test.cpp` `Rests`")[0]
    assert "no tests/d.py" in told("`tests/d.py` `test_x`")[0]
    assert "named for: nginx" in told("`tests/a.py`")[0]
    assert "named for: nginx" in told("")[0]
    assert documentation.death_faults("# Nothing of it\n", files.get)


def test_an_enumeration_is_that_of_its_schema():
    text = "    Status:\n      enum: [a]\n    Reason:\n      description: x\n      enum: [b,\n             c_d]\n    Run:\n      type: object\n"
    assert documentation.enumeration(text, "Reason") == {"b", "c_d"}
    assert documentation.enumeration(text, "Run") == set()


def test_links():
    def read(path: pathlib.Path):
        return {"docs/a.md": "# One Two\n## `b`, c\n## Same\n## Same\n", "docs": ""}.get(str(path.relative_to(links.ROOT)))

    def broken(text: str) -> list[str]:
        return list(links.faults_in("docs/a.md", text, read))

    assert not broken("[x](a.md) [y](#one-two) [z](a.md#b-c) [v](#same-1) [w](https://example.org/nowhere) `[c](d.md)`")
    assert len(broken("[x](b.md) [y](#three) [z](/docs/a.md)")) == 3


HEADER = """
#pragma once
namespace oneshot::kube {
/// Used() in a comment and "Used()" in a string use nothing.
enum class Color { kRed, kGreen = 2, kBlue };
using Names = std::vector<std::string>;
inline constexpr int kLimit = 3;
template <typename T, typename = std::enable_if_t<true>>
class Store : public Base<T> {
 public:
  explicit Store(int size) : size_(size), twice_{size * 2} {}
  virtual Result<std::map<int, Names>> Claim(int limit = kLimit) const = 0;
  std::function<void(int)> on_end;
  std::string uid;
  bool operator==(const Store&) const = default;
  int Size() const { return size_; }

 private:
  friend class Sweeper;
  int size_;
  int twice_{0};
  std::unique_ptr<Server> server_;
};
Color Mix(Color a, Color b);
}
"""
SOURCE = """
namespace oneshot::kube {
namespace {
int Twice(int n) { return 2 * n; }
}
Color Mix(Color a, Color b) { return a == Color::kRed ? Mix(b, a) : Color::kBlue; }
Result<std::map<int, Names>> Disk::Claim(int limit) const {
  auto names = inner_->Claim(limit);
  job.uid = "x";
  server_ = Make();
  return names;
}
}
"""


def unused_names(*sources: str) -> set[str]:
    return set(unused.unused({"a.h": HEADER} | {f"{number}.cpp": text for number, text in enumerate(sources)}))


def test_what_is_only_declared_defined_or_assigned_is_unused():
    # `Mix` and `Claim` are called only from functions of their own names, which use nothing unless somebody calls those.
    names = unused_names(SOURCE)
    assert {"Mix", "Claim", "Size", "kGreen", "uid", "on_end"} <= names
    assert not names & {"kRed", "kBlue", "Names", "kLimit", "Color", "size_", "server_", "Result", "limit", "Twice"}


def test_any_use_of_a_name_counts():
    caller = "void Run() { Store<int> s(1); if (s.uid == x) s.on_end(Mix(Color::kGreen, y).Claim()); }"
    assert unused_names(SOURCE, caller) == {"Size"}
    assert "Size" not in unused_names("#define CHECK(x) ((x).Size() > 0)")


def test_functions_of_scripts_that_nothing_names():
    sources = {
        "a.py": "import b\n\n\ndef main():\n    b.used()\n\n\n@fixture\ndef system():\n    pass\n\n\ndef test_this():\n    main()\n",
        "b.py": "x = 1\n\n\ndef used():\n    pass\n\n\nclass C:\n    def dead(self):\n        pass\n",
        "run": "#!/usr/bin/env bash\nstart() { :; }\nstop() { :; }\nstart\n",
        "docs/a.md": "words are mentions, too",
    }
    assert unused.unused_in_scripts(sources) == {"dead": "b.py", "stop": "run"}


def test_files_that_nothing_names():
    sources = {"k8s/base/a.yaml": "- b.yaml", "k8s/base/b.yaml": "b.yaml", "k8s/base/c.yaml": "a.yaml and c.yaml", "docs/d.md": ""}
    assert unused.unused_files(sources) == ["k8s/base/c.yaml"]
