// The files that come back from a program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "tests/runner/runner_process.h"

namespace oneshot::runner {
namespace {

using protocol::Reason;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

using Files = std::vector<std::pair<std::string, std::string>>;

/// Of scratch space: what is counted is what the whole file system has in use, of which these tests
/// are not alone.
constexpr std::int64_t kAmple = 1LL << 40;

/// As they came back: paths and content. Checks what holds for all of them.
Files FilesOf(const RunResult& result) {
  Files files;
  std::string data;
  for (const protocol::Display& part : result.All<protocol::Display>()) {
    data += part.data;
    if (part.part + 1 < part.parts) continue;
    EXPECT_EQ(part.mime, "application/octet-stream");
    EXPECT_EQ(part.number, std::ssize(files));
    EXPECT_EQ(part.bytes, std::ssize(data));
    files.emplace_back(part.alt, std::exchange(data, {}));
  }
  return files;
}

struct Asked {
  std::vector<std::string> patterns{};
  std::int64_t limit_bytes{1 << 20};
};

/// As in the image, the program's directory is its scratch space.
RunResult ExecuteThere(std::string source, const Asked& asked = {}, bool is_pid_1 = false,
                       const std::vector<protocol::FileCommand>& files = {}) {
  const TemporaryDirectory directory;
  RunnerProcess runner({.is_pid_1 = is_pid_1,
                        .environment = {"ONESHOT_CODE_DIR=" + directory.Path(),
                                        "ONESHOT_SCRATCH_DIR=" + directory.Path()}});
  protocol::RunCommand command = Program(std::move(source));
  command.scratch_bytes = kAmple;
  command.outputs = asked.patterns;
  command.limits.output_file_bytes = asked.limit_bytes;
  for (const protocol::FileCommand& file : files) {
    runner.Send(file);
    command.file_bytes += std::ssize(file.data);
  }
  runner.Send(command);
  RunResult result = runner.Finish();
  EXPECT_EQ(result.err, "");
  return result;
}

TEST(RunnerOutputFiles, ComeBackFromTheirDirectoryByteForByte) {
  const RunResult result = ExecuteThere(R"(
import os
out = os.environ['ONESHOT_OUTPUT']
os.makedirs(out + '/plots/deep')
open(out + '/b.bin', 'wb').write(bytes(range(256)) * 100)
open(out + '/plots/deep/ä.txt', 'w').write('x')
open(out + '/.hidden', 'w')
open('elsewhere.csv', 'w').write('not asked for')
print('printed', flush=True)
)");
  std::string bytes;
  for (int i = 0; i < 25'600; ++i) bytes += static_cast<char>(i % 256);
  EXPECT_EQ(FilesOf(result), (Files{{".hidden", ""}, {"b.bin", bytes}, {"plots/deep/ä.txt", "x"}}));
  EXPECT_EQ(result.out, "printed\n");
  EXPECT_EQ(result.finished.dropped_output_files, 0);
}

TEST(RunnerOutputFiles, ComeBackFromTheProgramsDirectoryWhereAskedFor) {
  const RunResult result = ExecuteThere(R"(
import os, shutil
for path in ('a.csv', 'b.txt', '.c.csv', 'plots/1.png', 'plots/.2.png'):
    os.makedirs(os.path.dirname('./' + path), exist_ok=True)
    open(path, 'w').write(path)
shutil.copy('main.py', 'copy.csv')
open(os.environ['ONESHOT_OUTPUT'] + '/d', 'w').write('in any case')
)",
                                        {.patterns = {"*.csv", "plots/*", "*.py"}});
  const Files files = FilesOf(result);
  ASSERT_EQ(files.size(), 4U) << "neither main.py nor hidden ones";
  EXPECT_EQ(files[0], std::pair(std::string("a.csv"), std::string("a.csv")));
  EXPECT_EQ(files[1].first, "copy.csv");
  EXPECT_EQ(files[2], std::pair(std::string("d"), std::string("in any case")));
  EXPECT_EQ(files[3].first, "plots/1.png");
}

TEST(RunnerOutputFiles, AreNotThoseThatTheRunCameWithUnlessChanged) {
  const std::vector<protocol::FileCommand> files{{.path = "same.csv", .offset = 0, .data = "same"},
                                                 {.path = "new.csv", .offset = 0, .data = "old"},
                                                 {.path = ".output/x", .offset = 0, .data = "x"}};
  const RunResult result = ExecuteThere(R"(
import os
os.remove('new.csv')
open('new.csv', 'w').write('new')
)",
                                        {.patterns = {"*.csv"}}, false, files);
  EXPECT_THAT(FilesOf(result), ElementsAre(Pair("new.csv", "new")));
}

TEST(RunnerOutputFiles, AreRegularFilesAndNothingElse) {
  const RunResult result = ExecuteThere(R"(
import os
out = os.environ['ONESHOT_OUTPUT']
os.symlink('/etc/passwd', out + '/link')
os.symlink('/etc', out + '/etc')
os.symlink('/proc/1', out + '/proc')
os.mkfifo(out + '/pipe')
os.mkdir(out + '/dir')
open(out + '/file', 'w').write('alone')
)");
  EXPECT_THAT(FilesOf(result), ElementsAre(Pair("file", "alone")));
  EXPECT_EQ(result.finished.dropped_output_files, 0);
}

TEST(RunnerOutputFiles, ThatAreTooManyOrTooLargeAreCounted) {
  const std::string program = R"(
import os
out = os.environ['ONESHOT_OUTPUT']
open(out + '/a', 'w').write('x' * 900)
open(out + '/b', 'w').write('x' * 200)
open(out + '/c', 'w').write('x' * 100)
os.truncate(os.open(out + '/sparse', os.O_CREAT | os.O_WRONLY), 32 << 20)
)";
  const RunResult large = ExecuteThere(program, {.limit_bytes = 1000});
  EXPECT_THAT(FilesOf(large),
              ElementsAre(Pair("a", std::string(900, 'x')), Pair("c", std::string(100, 'x'))));
  EXPECT_EQ(large.finished.dropped_output_files, 2);

  const RunResult many = ExecuteThere(R"(
import os
for i in range(130):
    open(f"{os.environ['ONESHOT_OUTPUT']}/{i:03}", 'w')
)");
  EXPECT_EQ(FilesOf(many).size(), 100U);
  EXPECT_EQ(FilesOf(many).back().first, "099");
  EXPECT_EQ(many.finished.dropped_output_files, 30);
}

TEST(RunnerOutputFiles, WithPathsThatCannotBeToldAreCounted) {
  const RunResult result = ExecuteThere(R"(
import os
out = os.environ['ONESHOT_OUTPUT'].encode()
for name in (b'\xff', b'a\nb', b'a\\b', b'\x1b[31m', b'fine "<&'):
    open(out + b'/' + name, 'w')
deep = out
for _ in range(8):
    deep += b'/d'
os.makedirs(deep)
open(deep + b'/too-deep', 'w')
)");
  EXPECT_THAT(FilesOf(result), ElementsAre(Pair("fine \"<&", "")));
  EXPECT_EQ(result.finished.dropped_output_files, 5);
}

TEST(RunnerOutputFiles, OfOnePathAreOne) {
  const RunResult result = ExecuteThere(R"(
import os
open('a.csv', 'w').write('asked for')
open(os.environ['ONESHOT_OUTPUT'] + '/a.csv', 'w').write('left')
)",
                                        {.patterns = {"*.csv"}});
  EXPECT_THAT(FilesOf(result), ElementsAre(Pair("a.csv", "left")));
  EXPECT_EQ(result.finished.dropped_output_files, 1);
}

TEST(RunnerOutputFiles, ComeBackFromAProgramThatDidNotEndWell) {
  for (const char* end : {"raise SystemExit(3)", "os.kill(os.getpid(), 9)", "while True: pass"}) {
    TemporaryDirectory directory;
    RunnerProcess runner({.environment = {"ONESHOT_CODE_DIR=" + directory.Path(),
                                          "ONESHOT_SCRATCH_DIR=" + directory.Path()}});
    protocol::RunCommand command =
        Program("import os\nopen(os.environ['ONESHOT_OUTPUT'] + '/a', 'w').write('so far')\n" +
                std::string(end));
    command.scratch_bytes = kAmple;
    command.limits.cpu_ms = 300;
    runner.Send(command);
    EXPECT_THAT(FilesOf(runner.Finish()), ElementsAre(Pair("a", "so far"))) << end;
  }
}

// In the pod, where the memory of what is left counts as the run's until its result is stored.
TEST(RunnerOutputFiles, AsPid1LeaveNothingBehind) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root for a PID namespace";
  TemporaryDirectory directory;
  RunnerProcess runner({.is_pid_1 = true,
                        .acknowledges = false,
                        .environment = {"ONESHOT_CODE_DIR=" + directory.Path(),
                                        "ONESHOT_SCRATCH_DIR=" + directory.Path()}});
  protocol::RunCommand command = Program(R"(
import os, subprocess
os.makedirs('deep/er')
open('deep/er/large', 'w').write('x' * 100_000)
open('asked.csv', 'w').write('for')
subprocess.Popen(['/bin/sh', '-c', 'while :; do echo x >> deep/written; done'])
)");
  command.scratch_bytes = kAmple;
  command.outputs = {"*.csv"};
  runner.Send(command);
  runner.WaitFor<protocol::Finished>();
  std::vector<std::string> left;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory.Path())) {
    if (entry.is_regular_file()) left.push_back(entry.path().filename());
  }
  EXPECT_THAT(left, IsEmpty());
  runner.CloseStdin();
  EXPECT_THAT(FilesOf(runner.Finish()), ElementsAre(Pair("asked.csv", "for")));
}

TEST(RunnerOutputFiles, NeedScratchSpace) {
  const RunResult result = Execute("import os; print(os.environ.get('ONESHOT_OUTPUT'))");
  EXPECT_EQ(result.out, "None\n");
  EXPECT_THAT(FilesOf(result), IsEmpty());
}

}  // namespace
}  // namespace oneshot::runner
