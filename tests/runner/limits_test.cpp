// What stops a program that goes too far.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/runner/runner_process.h"

namespace oneshot::runner {
namespace {

using protocol::Reason;
using testing::HasSubstr;

TEST(RunnerLimits, StopsASleeperByTheClock) {
  protocol::RunCommand command = Program("import time; print('zzz'); time.sleep(1000)");
  command.limits.wall_ms = 1500;
  const RunResult result = Execute(command);
  EXPECT_EQ(result.finished.reason, Reason::kWallTimeExceeded);
  EXPECT_EQ(result.finished.signal, SIGKILL);
  EXPECT_EQ(result.finished.exit_code, std::nullopt);
  EXPECT_THAT(result.finished.message, HasSubstr("1.500 s"));
  EXPECT_EQ(result.out, "zzz\n") << "what was printed before stays";
  EXPECT_GE(result.finished.wall_ms, 1500);
  EXPECT_EQ(result.exit_status, 124);
}

TEST(RunnerLimits, StopsABusyProgramByItsCpuTime) {
  protocol::RunCommand command = Program("while True: pass");
  command.limits.cpu_ms = 200;
  const RunResult result = Execute(command);
  EXPECT_EQ(result.finished.reason, Reason::kCpuTimeExceeded);
  EXPECT_GE(result.finished.cpu_ms, 200);
  EXPECT_EQ(result.exit_status, 124);
}

TEST(RunnerLimits, CountsTheCpuTimeOfChildren) {
  protocol::RunCommand command = Program(R"(
import os, time
for i in range(3):
    if os.fork() == 0:
        while True: pass
time.sleep(1000)
)");
  command.limits.cpu_ms = 300;
  EXPECT_EQ(Execute(command).finished.reason, Reason::kCpuTimeExceeded);
}

TEST(RunnerLimits, DoNotChargeThePreload) {
  // The modules take longer to import than the limit allows.
  protocol::RunCommand command = Program("print(6)");
  const RunResult result =
      Execute(command, {.preload = "email.message,asyncio,unittest.mock,http.server",
                        .python = "",
                        .is_pid_1 = false});
  EXPECT_EQ(result.out, "6\n");
  EXPECT_LE(result.finished.cpu_ms, result.finished.wall_ms + 10);
}

TEST(RunnerLimits, StopsAProgramThatIgnoresSignals) {
  protocol::RunCommand command = Program(R"(
import signal, time
for number in range(1, 32):
    if number not in (signal.SIGKILL, signal.SIGSTOP): signal.signal(number, signal.SIG_IGN)
while True: time.sleep(1)
)");
  command.limits.wall_ms = 200;
  EXPECT_EQ(Execute(command).finished.reason, Reason::kWallTimeExceeded);
}

TEST(RunnerLimits, StopsAProgramThatStoppedItself) {
  protocol::RunCommand command = Program("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)");
  command.limits.wall_ms = 200;
  EXPECT_EQ(Execute(command).finished.reason, Reason::kWallTimeExceeded);
}

TEST(RunnerLimits, StopsAProgramWithTooManyProcesses) {
  protocol::RunCommand command = Program(R"(
import os, time
for i in range(30):
    if os.fork() == 0:
        while True: time.sleep(1)
time.sleep(1000)
)");
  command.limits.processes = 20;
  const RunResult result = Execute(command);
  EXPECT_EQ(result.finished.reason, Reason::kProcessLimitExceeded);
  EXPECT_EQ(result.finished.signal, SIGKILL);
  EXPECT_EQ(result.exit_status, 137);
  EXPECT_THAT(result.finished.message, HasSubstr("more than 20 processes"));
}

TEST(RunnerLimits, CountThreadsAsProcesses) {
  protocol::RunCommand command = Program(R"(
import threading, time
for i in range(30): threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
time.sleep(1000)
)");
  command.limits.processes = 20;
  const RunResult result = Execute(command);
  EXPECT_EQ(result.finished.reason, Reason::kProcessLimitExceeded);
  EXPECT_THAT(result.finished.message, HasSubstr("processes and threads"));
}

TEST(RunnerLimits, KeepScratchSpaceInItsBounds) {
  protocol::RunCommand command = Program(R"(
import os, tempfile
print(os.environ['TMPDIR'])
with tempfile.NamedTemporaryFile() as file:
    file.write(b'x' * 50_000); file.flush()
    print(os.path.getsize(file.name))
    try:
        file.write(b'x' * 100_000); file.flush()
    except OSError as error:
        print(error.strerror)
)");
  command.scratch_bytes = 100'000;
  EXPECT_EQ(Execute(command).out, "/dev/shm\n50000\nFile too large\n");
}

TEST(RunnerLimits, ReportMemoryInUse) {
  const RunResult small = Execute("print(6)");
  const RunResult large = Execute("x = b'x' * 50_000_000");
  EXPECT_GT(large.finished.peak_memory_bytes, small.finished.peak_memory_bytes + 40'000'000);
}

}  // namespace
}  // namespace oneshot::runner
