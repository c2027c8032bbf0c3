// How a run begins and how it ends: commands, reasons, exit statuses, what is left behind.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/runner/runner_process.h"

namespace oneshot::runner {
namespace {

using protocol::Reason;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

void WriteScript(const std::string& path, const std::string& commands) {
  std::ofstream(path) << "#!/bin/sh\n" << commands;
  chmod(path.c_str(), 0755);
}

TEST(Runner, RunsAProgram) {
  const RunResult result = Execute("print(6)");
  EXPECT_EQ(result.out, "6\n");
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.finished.reason, Reason::kExited);
  EXPECT_EQ(result.finished.exit_code, 0);
  EXPECT_EQ(result.finished.run_id, "01j00000000000000000000000");
  EXPECT_GT(result.finished.peak_memory_bytes, 1 << 20);
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_THAT(result.complaints, IsEmpty());
  ASSERT_EQ(result.records.size(), 4U);
  EXPECT_THAT(std::get<protocol::Ready>(result.records[0]).python, StartsWith("3."));
  EXPECT_EQ(std::get<protocol::Started>(result.records[1]).attempt, 1);
}

TEST(Runner, SaysWhatHoldsTheProgram) {
  const RunResult result = Execute("");
  const auto& sandbox = std::get<protocol::Ready>(result.records.at(0)).sandbox;
  ASSERT_TRUE(sandbox);
  EXPECT_GE(sandbox->landlock, 1);
  EXPECT_TRUE(sandbox->seccomp);
}

TEST(Runner, TakesARunThatComesBeforeItIsReady) {
  RunnerProcess runner;
  runner.Send(Program("print('early')"));
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.out, "early\n");
  EXPECT_TRUE(std::holds_alternative<protocol::Ready>(result.records.at(0)))
      << "ready comes first all the same";
}

TEST(Runner, SaysWhatItPreloaded) {
  const RunResult result =
      Execute(Program("import sys; print('decimal' in sys.modules, 'ctypes' in sys.modules)"),
              {.preload = "csv,decimal", .python = "", .is_pid_1 = false});
  EXPECT_EQ(result.All<protocol::Ready>().at(0).preloaded,
            (std::vector<std::string>{"csv", "decimal"}));
  EXPECT_EQ(result.out, "True False\n") << "what only the bootstrap needed is gone";
}

TEST(Runner, FailsOnAModuleItCannotPreload) {
  RunnerProcess runner({.preload = "no_such_module", .python = "", .is_pid_1 = false});
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.finished.reason, Reason::kRunnerError);
  EXPECT_THAT(result.finished.message, HasSubstr("no_such_module"));
  EXPECT_EQ(result.exit_status, 125);
}

TEST(Runner, FailsWithoutPython) {
  RunnerProcess runner({.preload = "", .python = "/no/such/python", .is_pid_1 = false});
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.finished.reason, Reason::kRunnerError);
  EXPECT_THAT(result.finished.message, HasSubstr("/no/such/python"));
}

TEST(Runner, RefusesAPreloadThatStartsThreads) {
  // A thread that exists before the second Landlock layer would not be under it.
  const TemporaryDirectory directory;
  std::ofstream(directory.Path() + "/thread_at_import.py")
      << "import threading, time\n"
         "threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()\n";
  const std::string python = directory.Path() + "/python";
  WriteScript(python, "PYTHONPATH=$PYTHONPATH:" + directory.Path() + " exec " + PythonUnderTest() +
                          " \"$@\"\n");
  RunnerProcess runner({.preload = "thread_at_import", .python = python, .is_pid_1 = false});
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.finished.reason, Reason::kRunnerError);
  EXPECT_THAT(result.finished.message, HasSubstr("thread"));
}

TEST(Runner, EndsQuietlyWhenStdinEndsBeforeARun) {
  RunnerProcess runner;
  runner.WaitFor<protocol::Ready>();
  runner.CloseStdin();
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.finished.run_id, "");
  EXPECT_EQ(result.finished.reason, Reason::kCancelled);
  EXPECT_EQ(result.exit_status, 0);
}

TEST(Runner, GoesOnWhenTheControllerLeavesDuringARun) {
  RunnerProcess runner;
  protocol::RunCommand command = Program(R"(
import select
print('begun')
print('readable:', select.select([0], [], [], 0.2)[0])
)");
  command.stdin_open = true;
  runner.Send(command);
  runner.WaitForOutput("begun");
  runner.CloseStdin();
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.out, "begun\nreadable: []\n") << "the container's stdin is not the program's";
  EXPECT_EQ(result.exit_status, 0);
}

TEST(Runner, CancelsARunningProgram) {
  RunnerProcess runner;
  runner.Send(Program("print('begun')\nwhile True: pass"));
  runner.WaitForOutput("begun");
  runner.Send(protocol::CancelCommand{});
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.finished.reason, Reason::kCancelled);
  EXPECT_EQ(result.finished.signal, SIGKILL);
  EXPECT_EQ(result.finished.exit_code, std::nullopt);
  EXPECT_EQ(result.exit_status, 130);
}

TEST(Runner, CancelsBeforeARun) {
  RunnerProcess runner;
  runner.Send(protocol::CancelCommand{});
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.finished.reason, Reason::kCancelled);
  EXPECT_EQ(result.exit_status, 0);
}

TEST(Runner, DoesNotBlameTheProgramWhenItsContainerIsStopped) {
  RunnerProcess runner;
  runner.Send(Program("print('begun')\nwhile True: pass"));
  runner.WaitForOutput("begun");
  kill(runner.Pid(), SIGTERM);
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.finished.reason, Reason::kTerminated);
  EXPECT_EQ(result.out, "begun\n");
  EXPECT_EQ(result.exit_status, 143);
}

TEST(Runner, RefusesASecondRun) {
  RunnerProcess runner;
  protocol::RunCommand command = Program("print(input())");
  command.stdin_open = true;
  runner.Send(command);
  runner.WaitFor<protocol::Started>();
  command.attempt = 2;
  command.source = "print('second')";
  runner.Send(command);
  runner.Send(protocol::StdinCommand{0, "first\n"});
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.out, "first\n");
  EXPECT_EQ(result.finished.attempt, 1);
  EXPECT_THAT(result.complaints, HasSubstr("refused a second run"));
}

TEST(Runner, IgnoresTheSameRunAgain) {
  RunnerProcess runner;
  protocol::RunCommand command = Program("print(input())");
  command.stdin_open = true;
  runner.Send(command);
  runner.Send(command);
  runner.WaitFor<protocol::Started>();
  runner.Send(command);
  runner.Send(protocol::StdinCommand{0, "once\n"});
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.out, "once\n");
  EXPECT_THAT(result.complaints, IsEmpty());
}

TEST(Runner, IgnoresLinesThatAreNoCommands) {
  RunnerProcess runner;
  runner.SendRaw("\n{\nnull\n{\"type\":\"dance\"}\n\xFF\xFE\n{\"type\":\"run\",\"protocol\":99}\n");
  runner.SendRaw(std::string(protocol::kMaxCommandLine + 10, 'a') + "\n");
  runner.SendRaw(R"({"type":"run","protocol":1,"run_id":"a","attempt":1,"source":""})");
  runner.SendRaw("\n");
  runner.Send(Program("print(6)"));
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.out, "6\n");
  EXPECT_THAT(result.complaints, HasSubstr("too long\n"));
  EXPECT_THAT(result.complaints,
              HasSubstr("runner: ignored a line: protocol 99 is not supported, only protocol 2\n"));
  EXPECT_THAT(result.complaints,
              HasSubstr("runner: ignored a line: protocol 1 is not supported, only protocol 2\n"));
}

TEST(Runner, FeedsStdinAtOnceAndLater) {
  RunnerProcess runner;
  protocol::RunCommand command =
      Program("import sys\nprint(input())\nprint(input())\nprint(repr(sys.stdin.buffer.read()))");
  command.stdin_data = "one\n";
  command.stdin_open = true;
  runner.Send(command);
  runner.WaitForOutput("one");
  runner.Send(protocol::StdinCommand{0, "two\n"});
  runner.WaitForOutput("two");
  runner.Send(protocol::StdinCommand{1, std::string("\xFF\0", 2)});
  runner.Send(protocol::StdinEofCommand{2});
  EXPECT_EQ(runner.Finish().out, "one\ntwo\nb'\\xff\\x00'\n");
}

TEST(Runner, TakesStdinOnceAndInItsOrder) {
  RunnerProcess runner;
  runner.Send(protocol::StdinCommand{0, "before a run has come\n"});
  protocol::RunCommand command = Program("import sys; print(sys.stdin.read())");
  command.stdin_data = "a";
  command.stdin_open = true;
  runner.Send(command);
  runner.Send(protocol::StdinCommand{0, "b"});  // perhaps before the program has begun
  runner.Send(protocol::StdinCommand{0, "again"});
  runner.Send(protocol::StdinCommand{2, "too far"});
  runner.Send(protocol::StdinEofCommand{5});
  runner.WaitFor<protocol::Started>();
  runner.Send(protocol::StdinCommand{0, "again"});
  runner.Send(protocol::StdinCommand{1, "c"});
  runner.Send(protocol::StdinCommand{1, "again"});
  runner.Send(protocol::StdinCommand{1LL << 62, "huge"});
  runner.Send(protocol::StdinEofCommand{2});
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.out, "abc\n");
  EXPECT_THAT(result.complaints, IsEmpty());
  std::int64_t expected = 0;
  for (const auto& ack : result.All<protocol::StdinAck>()) {
    EXPECT_GE(ack.seq, expected);
    expected = ack.seq;
  }
  EXPECT_EQ(expected, 3);
}

// The sender sees from the acknowledgement that its line was not taken, and sends it again.
TEST(Runner, TakesNoMoreStdinThanItMayHold) {
  RunnerProcess runner;
  protocol::RunCommand command = Program("import time; time.sleep(1000)");
  command.stdin_open = true;
  runner.Send(command);
  runner.WaitFor<protocol::Started>();
  const std::string large(3'000'000, 'a');
  for (int i = 0; i < 4; ++i) runner.Send(protocol::StdinCommand{i, large});
  runner.Send(protocol::CancelCommand{});
  runner.WaitFor<protocol::Finished>();
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.All<protocol::StdinAck>().back().seq, 2);
}

TEST(Runner, FeedsMoreStdinThanAPipeHolds) {
  protocol::RunCommand command = Program("import sys; print(len(sys.stdin.read()))");
  command.stdin_data = std::string(2'000'000, 'a');
  EXPECT_EQ(Execute(command).out, "2000000\n");
  command.source = "print('never reads')";
  EXPECT_EQ(Execute(command).out, "never reads\n");
  command.source = "import os; os.close(0); print('closed')";
  EXPECT_EQ(Execute(command).out, "closed\n");
}

TEST(Runner, MirrorsExitCodes) {
  for (const int code : {0, 1, 2, 120, 255}) {
    const RunResult result = Execute("import sys; sys.exit(" + std::to_string(code) + ")");
    EXPECT_EQ(result.finished.exit_code, code);
    EXPECT_EQ(result.exit_status, code);
  }
  EXPECT_EQ(Execute("import os; print('lost?', flush=True); os._exit(7)").finished.exit_code, 7);
}

TEST(Runner, ReportsSignals) {
  for (const int signal : {SIGKILL, SIGSEGV, SIGABRT, SIGTERM}) {
    const RunResult result =
        Execute("import os; print('x'); os.kill(os.getpid(), " + std::to_string(signal) + ")");
    EXPECT_EQ(result.out, "x\n");
    EXPECT_EQ(result.finished.reason, Reason::kSignaled);
    EXPECT_EQ(result.finished.signal, signal);
    EXPECT_EQ(result.finished.exit_code, std::nullopt);
    EXPECT_EQ(result.exit_status, 128 + signal);
  }
}

TEST(Runner, EndsWithTheMainProcessAndKillsWhatItLeft) {
  const RunResult result = Execute(R"(
import os, time
read, write = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print(os.getpid(), flush=True)
        os.write(write, b'x')
        while True: time.sleep(1)
    os._exit(0)
os.read(read, 1)
)");
  EXPECT_EQ(result.finished.exit_code, 0);
  const pid_t orphan = std::stoi(result.out);
  EXPECT_TRUE(HasEnded(orphan)) << "the orphan outlived its run";
}

TEST(Runner, KeepsTheLastWordsOfAChildThatIsEndingToo) {
  const RunResult result = Execute(R"(
import os
read, write = os.pipe()
if os.fork() == 0:
    os.close(write)
    os.read(read, 1)  # until the main process is gone
    os.write(1, b'last words')
    os._exit(0)
)");
  EXPECT_EQ(result.out, "last words");
  EXPECT_EQ(result.finished.reason, Reason::kExited);
}

TEST(Runner, DoesNotWaitForAChildThatClosedItsOutput) {
  const RunResult result = Execute(R"(
import os, time
if os.fork() == 0:
    os.close(1); os.close(2)
    while True: time.sleep(1)
)");
  EXPECT_EQ(result.finished.exit_code, 0);
}

TEST(Runner, IsAProperPid1) {
  if (geteuid() != 0 || access("/usr/bin/unshare", X_OK) != 0)
    GTEST_SKIP() << "needs root for a PID namespace";
  RunnerProcess runner({.preload = "", .python = "", .is_pid_1 = true});
  runner.Send(Program(R"(
import os, signal, time
print(os.getppid())
for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP, signal.SIGINT):
    try: os.kill(1, number)
    except PermissionError: print('refused')
for i in range(5):
    if os.fork() == 0:
        os.setsid()
        while True: time.sleep(1)
)"));
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.out, "1\nrefused\nrefused\nrefused\nrefused\n")
      << result.err << result.complaints;
  EXPECT_EQ(result.exit_status, 0);
}

}  // namespace
}  // namespace oneshot::runner
