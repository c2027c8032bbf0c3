// The files that come with a run: where its program finds them, and what becomes of bad ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/runner/runner_process.h"

namespace oneshot::runner {
namespace {

using protocol::FileCommand;
using protocol::Reason;
using testing::HasSubstr;

struct Part {
  std::string path;
  std::int64_t offset;
  std::string data;
};

/// `file_bytes`: of the files that belong to the run.
RunResult ExecuteWith(const std::vector<Part>& parts, std::int64_t file_bytes,
                      protocol::RunCommand command) {
  RunnerProcess runner;
  runner.WaitFor<protocol::Ready>();
  for (const Part& part : parts)
    runner.Send(FileCommand{.path = part.path, .offset = part.offset, .data = part.data});
  command.file_bytes = file_bytes;
  runner.Send(command);
  return runner.Finish();
}

TEST(RunnerFiles, AreReadAndImportedBesideTheProgram) {
  const RunResult result = ExecuteWith({{"helper.py", 0, "def answer(): return 42\n"},
                                        {"data/deep/x.bin", 0, std::string("\0\xff", 2)},
                                        {"data/deep/x.bin", 2, "end"},
                                        {"empty", 0, ""}},
                                       24 + 5, Program(R"(
import helper, os
print(helper.answer(), open('data/deep/x.bin', 'rb').read(), os.path.getsize('empty'), sorted(os.listdir()))
)"));
  EXPECT_EQ(result.out, "42 b'\\x00\\xffend' 0 ['data', 'empty', 'helper.py', 'main.py']\n");
  EXPECT_EQ(result.err, "");
}

TEST(RunnerFiles, CannotBeChangedWithoutScratchSpace) {
  const RunResult result = ExecuteWith({{"a/b", 0, "x"}}, 1, Program(R"(
import os
for act in (lambda: open('a/b', 'w'), lambda: os.remove('a/b'), lambda: os.chmod('a/b', 0o777) or open('a/b', 'w'),
            lambda: open('a/c', 'w'), lambda: os.rename('a/b', 'b')):
    try:
        act()
        print('changed')
    except OSError as error:
        print(type(error).__name__)
print(open('a/b').read())
)"));
  EXPECT_THAT(result.out, testing::Not(HasSubstr("changed")));
  EXPECT_THAT(result.out, testing::EndsWith("x\n"));
}

TEST(RunnerFiles, BegunOnceMoreIsTheLaterOne) {
  const RunResult result =
      ExecuteWith({{"a", 0, "half of it"}, {"a", 0, "all"}}, 3, Program("print(open('a').read())"));
  EXPECT_EQ(result.out, "all\n");
}

TEST(RunnerFiles, ThatAreNotCompleteEndTheRunWithoutItsProgram) {
  for (const auto& [parts, bytes] : std::vector<std::pair<std::vector<Part>, std::int64_t>>{
           {{{"a", 0, "x"}}, 2},
           {{}, 1},
           {{{"a", 1, "x"}}, 1},
           {{{"a", 0, "x"}, {"b", 1, "y"}}, 2},
           {{{"../a", 0, "x"}}, 1},
           {{{"main.py", 0, "x"}}, 1},
           {{{"a", 0, "x"}, {"a/b", 0, "y"}}, 2}}) {
    const RunResult result = ExecuteWith(parts, bytes, Program("print('ran')"));
    EXPECT_EQ(result.finished.reason, Reason::kRunnerError) << parts.size();
    EXPECT_EQ(result.out, "");
  }
}

TEST(RunnerFiles, ComeTooLateOnceTheRunIsThere) {
  RunnerProcess runner;
  runner.WaitFor<protocol::Ready>();
  runner.Send(FileCommand{.path = "a", .data = "before"});
  protocol::RunCommand command = Program("import sys; sys.stdin.read(); print(open('a').read())");
  command.file_bytes = 6;
  command.stdin_open = true;
  runner.Send(command);
  runner.WaitFor<protocol::Started>();
  runner.Send(FileCommand{.path = "a", .data = "after"});
  runner.Send(protocol::StdinEofCommand{});
  EXPECT_EQ(runner.Finish().out, "before\n");
}

}  // namespace
}  // namespace oneshot::runner
