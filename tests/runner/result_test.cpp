// How a result is kept until it is stored: acknowledging, resuming, holding, leaving.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <utility>

#include "core/protocol/codec.h"
#include "tests/runner/runner_process.h"

namespace oneshot::runner {
namespace {

using protocol::AckCommand;
using protocol::Finished;
using protocol::Output;
using protocol::Ready;
using protocol::Reason;
using protocol::ResumeCommand;
using protocol::Resumed;
using protocol::Started;
using testing::HasSubstr;
using testing::IsEmpty;

Setup WithoutAcks() {
  Setup setup;
  setup.acknowledges = false;
  return setup;
}

/// The highest resident memory of a process so far.
std::int64_t PeakMemoryBytes(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6)) * 1024;
  }
  ADD_FAILURE() << "no VmHWM";
  return 0;
}

/// Output that is larger than the window, the pipe and what waits before it together.
constexpr const char* kLargeProgram = "for i in range(100_000): print(f'{i:08}')";
constexpr std::size_t kLargeOutput = 100'000 * 9;

protocol::RunCommand LargeProgram() {
  protocol::RunCommand command = Program(kLargeProgram);
  command.limits.output_bytes = 8 << 20;
  return command;
}

TEST(RunnerResult, IsHeldUntilItIsAcknowledged) {
  RunnerProcess runner(WithoutAcks());
  runner.Send(Program("import os; print(os.getpid())"));
  runner.WaitFor<Finished>();
  const std::int64_t seq = std::get<Finished>(runner.LastRecord()).seq;
  EXPECT_EQ(seq, 1);
  runner.Send(AckCommand{seq});  // all but `finished`
  runner.Send(ResumeCommand{seq});
  runner.WaitFor<Resumed>();
  runner.WaitFor<Finished>();
  runner.Send(AckCommand{seq + 1});
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_EQ(result.All<Finished>().size(), 2U);
  EXPECT_THAT(result.complaints, IsEmpty());
}

TEST(RunnerResult, IsHeldWithoutTheProgram) {
  RunnerProcess runner(WithoutAcks());
  runner.Send(Program(R"(
import os, time
if os.fork() == 0:
    os.setsid()
    while True: time.sleep(1)
print(os.getpid(), flush=True)
)"));
  runner.WaitForOutput("\n");
  const auto& output = std::get<Output>(runner.LastRecord());
  const pid_t python = std::stoi(output.pieces.at(0).data);
  runner.WaitFor<Finished>();
  EXPECT_TRUE(HasEnded(python));
  EXPECT_TRUE(HasNoChildren(runner.Pid())) << "and what it started is gone as well";
  runner.Send(ResumeCommand{0});
  runner.WaitFor<Resumed>();
  runner.WaitFor<Finished>();
  runner.Send(AckCommand{2});
  EXPECT_EQ(runner.Finish().exit_status, 0);
}

TEST(RunnerResult, IsHeldOfAProgramThatFailedToo) {
  RunnerProcess runner(WithoutAcks());
  runner.Send(Program("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"));
  runner.WaitFor<Finished>();
  runner.Send(ResumeCommand{0});
  runner.WaitFor<Resumed>();
  runner.WaitFor<Finished>();
  runner.Send(AckCommand{1});
  EXPECT_EQ(runner.Finish().exit_status, 128 + SIGKILL);
}

TEST(RunnerResult, IsGivenUpAfterTheHold) {
  RunnerProcess runner(WithoutAcks());
  protocol::RunCommand command = LargeProgram();
  command.result_hold_ms = 1;
  runner.Send(command);
  const RunResult result = runner.Finish();  // ends although nobody acknowledges
  EXPECT_EQ(result.out.size(), kLargeOutput) << "everything that was unsent comes first";
  EXPECT_EQ(result.exit_status, 0);
}

TEST(RunnerResult, SaysEverythingAgain) {
  RunnerProcess runner(WithoutAcks());
  protocol::RunCommand command = Program("print('one'); input(); print('two')");
  command.stdin_open = true;
  runner.Send(command);
  runner.WaitForOutput("one\n");
  runner.Send(ResumeCommand{0});  // while it runs
  runner.WaitFor<Resumed>();
  EXPECT_EQ(std::get<Resumed>(runner.LastRecord()), (Resumed{command.run_id, 1, 0}));
  runner.WaitFor<Ready>();
  runner.WaitFor<Started>();
  runner.WaitFor<Output>();
  runner.Send(protocol::StdinCommand{0, "\n"});
  runner.WaitFor<Finished>();
  runner.Send(ResumeCommand{1});  // after its end; the first record is stored
  runner.WaitFor<Resumed>();
  EXPECT_EQ(std::get<Resumed>(runner.LastRecord()).seq, 1);
  runner.WaitFor<Ready>();
  runner.WaitFor<Started>();
  runner.WaitFor<Finished>();
  runner.Send(ResumeCommand{0});  // somebody who knows less
  runner.WaitFor<Resumed>();
  EXPECT_EQ(std::get<Resumed>(runner.LastRecord()).seq, 1) << "the first that is still held";
  runner.WaitFor<Finished>();
  runner.Send(ResumeCommand{3});  // `finished` is stored
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.out, "one\ntwo\n");
  EXPECT_EQ(result.exit_status, 0);
}

TEST(RunnerResult, AnswersBeforeARunHasCome) {
  RunnerProcess runner;
  runner.Send(ResumeCommand{0});  // most likely before `ready`
  runner.WaitFor<Resumed>();
  EXPECT_EQ(std::get<Resumed>(runner.LastRecord()), Resumed{});
  runner.WaitFor<Ready>();
  runner.Send(ResumeCommand{0});
  runner.WaitFor<Resumed>();
  EXPECT_EQ(std::get<Resumed>(runner.LastRecord()), Resumed{});
  runner.WaitFor<Ready>();
  runner.Send(ResumeCommand{0});
  runner.Send(Program("print(6)"));
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.out, "6\n");
  EXPECT_EQ(result.All<Started>().size(), 1U);
}

TEST(RunnerResult, SendsNoMoreThanItsWindow) {
  RunnerProcess runner(WithoutAcks());
  runner.Send(LargeProgram());
  runner.WaitForTerminationMessage();
  // What was sent so far and waits in the pipe.
  std::size_t sent = 0;
  const std::size_t nearly = protocol::kMaxUnacknowledged - protocol::kMaxRecordLine;
  while (sent < nearly && runner.ReadRecord()) {
    if (std::holds_alternative<Output>(runner.LastRecord()))
      sent += protocol::Encode(runner.LastRecord()).size();
  }
  const std::int64_t end = std::get<Output>(runner.LastRecord()).seq + 1;
  runner.Send(ResumeCommand{end});
  while (runner.ReadRecord() && !std::holds_alternative<Resumed>(runner.LastRecord())) {
    sent += protocol::Encode(runner.LastRecord()).size();
  }
  EXPECT_LE(sent, protocol::kMaxUnacknowledged);
  runner.CloseStdin();
  EXPECT_EQ(runner.Finish().out.size(), kLargeOutput);
}

TEST(RunnerResult, GoesOnAsItIsAcknowledged) {
  EXPECT_EQ(Execute(LargeProgram()).out.size(), kLargeOutput);
}

TEST(RunnerResult, SurvivesAcksOfWhatWasNeverSent) {
  RunnerProcess runner(WithoutAcks());
  protocol::RunCommand command = Program("print('one'); input(); print('two')");
  command.stdin_open = true;
  runner.Send(command);
  runner.WaitForOutput("one\n");
  runner.Send(AckCommand{2});
  runner.Send(AckCommand{std::numeric_limits<std::int64_t>::max()});
  runner.SendRaw("{\"type\":\"ack\",\"seq\":-1}\n{\"type\":\"ack\",\"seq\":1e300}\n");
  runner.SendRaw("{\"type\":\"resume\",\"seq\":-9223372036854775808}\n");
  runner.Send(ResumeCommand{1LL << 60});
  runner.WaitFor<Resumed>();
  EXPECT_EQ(std::get<Resumed>(runner.LastRecord()).seq, 0) << "nothing was forgotten";
  runner.WaitFor<Output>();
  runner.Send(protocol::StdinCommand{0, "\n"});
  runner.WaitFor<Finished>();
  runner.Send(AckCommand{4});  // beyond the end
  runner.Send(ResumeCommand{4});
  runner.WaitFor<Resumed>();
  EXPECT_EQ(std::get<Resumed>(runner.LastRecord()).seq, 0);
  runner.WaitFor<Finished>();
  runner.Send(AckCommand{3});
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.out, "one\ntwo\n");
  EXPECT_THAT(result.complaints, HasSubstr("ignored an ack of what was never sent"));
  EXPECT_THAT(result.complaints, HasSubstr("resumed from the beginning"));
}

TEST(RunnerResult, AnswersTheLastOfManyResumes) {
  RunnerProcess runner(WithoutAcks());
  runner.Send(LargeProgram());
  runner.WaitForTerminationMessage();
  // The pipe is full, with a line in flight: each of these replaces the answer to the one before.
  std::string storm;
  for (int i = 0; i < 20'000; ++i) storm += protocol::Encode(protocol::Command(ResumeCommand{0}));
  [[maybe_unused]] const std::int64_t before = PeakMemoryBytes(runner.Pid());
  runner.SendRaw(storm);
  while (runner.ReadRecord() && !std::holds_alternative<Resumed>(runner.LastRecord())) {
  }
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(PeakMemoryBytes(runner.Pid()), before + (1 << 20));
#endif
  runner.CloseStdin();
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.out.size(), kLargeOutput);
  EXPECT_LT(result.All<Resumed>().size(), 5'000U);
}

// Two controllers, one of which believes that it still leads.
TEST(RunnerResult, ServesTwoControllersAtOnce) {
  RunnerProcess runner(WithoutAcks());
  protocol::RunCommand command =
      Program("for i in range(200_000): print(f'{i:08}')\nprint('last words')");
  command.limits.output_bytes = 8 << 20;
  runner.Send(command);
  runner.WaitFor<Output>();
  std::int64_t known_to_one = 0;
  std::int64_t known_to_other = 0;
  for (int turn = 0; turn < 200; ++turn) {
    runner.Send(ResumeCommand{known_to_one});
    runner.Send(AckCommand{known_to_other});
    runner.Send(command);
    runner.WaitFor<Resumed>();
    runner.WaitFor<Output>();
    const std::int64_t seq = std::get<Output>(runner.LastRecord()).seq;
    (turn % 2 == 0 ? known_to_one : known_to_other) = seq;
  }
  runner.CloseStdin();
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.out.size(), 200'000U * 9 + 11);
  EXPECT_THAT(result.complaints, IsEmpty());
}

TEST(RunnerResult, IsWrittenInFullOnceNobodyCanAcknowledge) {
  for (const bool ends_while_running : {true, false}) {
    RunnerProcess runner(WithoutAcks());
    runner.Send(LargeProgram());
    if (ends_while_running) {
      runner.WaitFor<Started>();
    } else {
      runner.WaitForTerminationMessage();
    }
    runner.CloseStdin();
    const RunResult result = runner.Finish();
    EXPECT_EQ(result.out.size(), kLargeOutput);
    EXPECT_EQ(result.exit_status, 0);
  }
}

TEST(RunnerResult, OfARequestFromAFileIsWrittenAtOnce) {
  auto setup = WithoutAcks();
  setup.stdin_file = protocol::Encode(protocol::Command(LargeProgram()));
  RunnerProcess runner(std::move(setup));
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.out.size(), kLargeOutput);
  EXPECT_EQ(result.exit_status, 0);
}

TEST(RunnerResult, IsWrittenWhenTheContainerStopsWhileHolding) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "its reader is too slow for the pod's grace of a second";
#endif
  RunnerProcess runner(WithoutAcks());
  runner.Send(LargeProgram());
  runner.WaitForTerminationMessage();
  kill(runner.Pid(), SIGTERM);
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.out.size(), kLargeOutput);
  EXPECT_EQ(result.finished.reason, Reason::kExited);
  EXPECT_EQ(result.exit_status, 0) << "the program had ended by then";
}

TEST(RunnerResult, HoldsUpNoStopThatNobodyReads) {
  RunnerProcess runner(WithoutAcks());
  runner.Send(LargeProgram());
  runner.WaitForTerminationMessage();
  kill(runner.Pid(), SIGTERM);
  EXPECT_TRUE(HasEnded(runner.Pid()));
  EXPECT_THAT(runner.TerminationMessage(), HasSubstr("\"exited\"")) << "the last source";
}

TEST(RunnerResult, IsWhatItWasWhateverIsSaidAfterTheEnd) {
  RunnerProcess runner(WithoutAcks());
  protocol::RunCommand command = Program("print(6)");
  runner.Send(command);
  runner.WaitFor<Finished>();
  runner.Send(protocol::CancelCommand{});
  runner.Send(command);
  runner.Send(protocol::StdinCommand{0, "late"});
  runner.Send(protocol::StdinEofCommand{1});
  command.attempt = 2;
  runner.Send(command);
  runner.Send(ResumeCommand{0});
  runner.WaitFor<Resumed>();
  runner.WaitFor<Finished>();
  runner.Send(AckCommand{2});
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.All<protocol::StdinAck>().back().seq, 2) << "taken, so that nobody repeats it";
  EXPECT_EQ(result.finished.reason, Reason::kExited);
  EXPECT_EQ(result.finished.attempt, 1);
  EXPECT_EQ(result.exit_status, 0);
}

TEST(RunnerResult, TakesNoMoreMemoryThanTheOutputLimitAllows) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "measures memory";
#endif
  struct Case {
    const char* source;
    std::int64_t output_bytes;
    int factor;
  };
  const Case cases[] = {// As JSON each of these bytes is six.
                        {R"(
import os
for i in range(512): os.write(1, b'\x01' * 16384)
)",
                         8 << 20, 2},
                        // Pieces as small as they get.
                        {R"(
import os
for i in range(100_000): os.write(1, b'o'); os.write(2, b'e')
)",
                         3 << 20, 4}};
  for (const Case& test : cases) {
    RunnerProcess runner(WithoutAcks());
    runner.WaitFor<Ready>();
    const std::int64_t before = PeakMemoryBytes(runner.Pid());
    protocol::RunCommand command = Program(test.source);
    command.limits.output_bytes = test.output_bytes;
    runner.Send(command);
    runner.WaitForTerminationMessage();
    EXPECT_LT(PeakMemoryBytes(runner.Pid()), before + test.factor * test.output_bytes)
        << test.source;
    runner.CloseStdin();
    const RunResult result = runner.Finish();
    EXPECT_EQ(result.exit_status, 0);
  }
}

TEST(RunnerResult, WaitsForNobodyWhoReadsItsComplaints) {
  auto setup = WithoutAcks();
  setup.reads_complaints = false;
  RunnerProcess runner(setup);
  std::string nonsense;
  for (int i = 0; i < 10'000; ++i) nonsense += "nonsense\n";
  runner.SendRaw(nonsense);
  runner.Send(Program("print(6)"));
  runner.WaitFor<Finished>();
  runner.Send(AckCommand{2});
  EXPECT_EQ(runner.Finish().out, "6\n");
}

TEST(RunnerResult, FitsTheTerminationMessageWithTheLongestMessage) {
  auto setup = WithoutAcks();
  setup.preload = "no_such_module_" + std::string(3'000, '\x01');
  RunnerProcess runner(setup);
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.finished.reason, Reason::kRunnerError);
  EXPECT_LE(result.termination_message.size(), protocol::kMaxTerminationMessage);
  EXPECT_THAT(result.termination_message, HasSubstr("\"seq\":0"));
}

}  // namespace
}  // namespace oneshot::runner
