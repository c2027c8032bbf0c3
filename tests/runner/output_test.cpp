// Every byte a program writes, and the order of both streams.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/utf8.h"
#include "tests/runner/runner_process.h"

namespace oneshot::runner {
namespace {

using protocol::Output;
using protocol::Piece;
using protocol::Stream;

TEST(RunnerOutput, CarriesEveryByteValue) {
  std::string all;
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  }
  EXPECT_EQ(Execute("import sys; sys.stdout.buffer.write(bytes(range(256)) * 100)").out, all);
}

TEST(RunnerOutput, AddsNoFinalNewline) {
  EXPECT_EQ(Execute("print('no newline', end='')").out, "no newline");
}

TEST(RunnerOutput, CarriesALineOfAMegabyte) {
  protocol::RunCommand command = Program("print('x' * 1_000_000)");
  command.limits.output_bytes = 2 << 20;
  EXPECT_EQ(Execute(command).out, std::string(1'000'000, 'x') + "\n");
}

TEST(RunnerOutput, KeepsCharactersWhole) {
  const RunResult result = Execute(R"(
import sys, time
for i in range(20_000): print('€ä😀', end='')
sys.stdout.flush()
for byte in '😀€'.encode():
    sys.stdout.buffer.write(bytes([byte])); sys.stdout.buffer.flush(); time.sleep(0.002)
)");
  EXPECT_EQ(result.out.size(), 20'000U * 9 + 7);
  for (const Piece& piece : result.Pieces()) EXPECT_TRUE(base::IsValidUtf8(piece.data));
}

TEST(RunnerOutput, CapsAndKeepsHeadAndTail) {
  protocol::RunCommand command = Program(R"(
import sys
for i in range(500_000): sys.stdout.write(f'{i:09}\n')
print('the end', file=sys.stderr)
)");
  command.limits.output_bytes = 100'000;
  const RunResult result = Execute(command);
  EXPECT_EQ(result.finished.exit_code, 0) << "a full output stops nobody";
  EXPECT_EQ(result.finished.stdout_totals.produced_bytes, 5'000'000);
  EXPECT_EQ(result.out.size() + result.err.size(), 100'000U - protocol::kPieceCost);
  EXPECT_EQ(result.out.substr(0, 20), "000000000\n000000001\n");
  EXPECT_EQ(result.out.substr(result.out.size() - 10), "000499999\n");
  EXPECT_EQ(result.err, "the end\n");
  std::int64_t dropped = 0;
  for (const Piece& piece : result.Pieces()) dropped += piece.dropped_bytes;
  EXPECT_EQ(dropped, 5'000'008 - 100'000 + protocol::kPieceCost);
}

TEST(RunnerOutput, KeepsTheStreamsInOrder) {
  RunnerProcess runner;
  protocol::RunCommand command = Program(R"(
import sys
for i in range(5):
    print(i); input()
    print(i, file=sys.stderr); input()
)");
  command.stdin_open = true;
  runner.Send(command);
  for (int i = 0; i < 10; ++i) {
    runner.WaitFor<Output>();
    runner.Send(protocol::StdinCommand{i, "\n"});
  }
  std::string order;
  for (const Piece& piece : runner.Finish().Pieces()) {
    order += (piece.stream == Stream::kStdout ? "o" : "e") + piece.data;
  }
  EXPECT_EQ(order, "o0\ne0\no1\ne1\no2\ne2\no3\ne3\no4\ne4\n");
}

TEST(RunnerOutput, IsLiveLineByLine) {
  RunnerProcess runner;
  protocol::RunCommand command = Program("print('name?')\nprint('hello', input())");
  command.stdin_open = true;
  runner.Send(command);
  runner.WaitForOutput("name?\n");  // arrives although the program has not ended nor flushed
  runner.Send(protocol::StdinCommand{0, "you\n"});
  EXPECT_EQ(runner.Finish().out, "name?\nhello you\n");
}

TEST(RunnerOutput, GathersSmallPieces) {
  const RunResult result = Execute("for i in range(20_000): print(i, flush=True)");
  EXPECT_LT(result.finished.seq, 2000) << "one record a line would drown everybody downstream";
}

// Review S2: 400,000 records of one byte each.
TEST(RunnerOutput, GathersStreamsThatTakeTurns) {
  protocol::RunCommand command = Program(R"(
import os
for i in range(50_000):
    os.write(1, b'o'); os.write(2, b'e')
)");
  command.limits.output_bytes = 1 << 20;
  const RunResult result = Execute(command);
  EXPECT_EQ(result.finished.stdout_totals.produced_bytes, 50'000);
  EXPECT_EQ(result.finished.stderr_totals.produced_bytes, 50'000);
  EXPECT_LT(result.finished.seq, 2000);
  const auto pieces = static_cast<std::int64_t>(result.Pieces().size());
  const auto kept = static_cast<std::int64_t>(result.out.size() + result.err.size());
  EXPECT_LE(kept + (pieces - 1) * protocol::kPieceCost, command.limits.output_bytes);
}

TEST(RunnerOutput, SurvivesAReaderThatComesLate) {
  RunnerProcess runner;
  protocol::RunCommand command = Program("for i in range(100_000): print(i)");
  runner.Send(command);
  // Nobody reads: the container's stdout fills up, the program must end nevertheless.
  runner.WaitForTerminationMessage();
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.out.size(), 588'890U);
  EXPECT_EQ(result.finished.exit_code, 0);
}

TEST(RunnerOutput, FinishesWithoutAReader) {
  RunnerProcess runner;
  runner.WaitFor<protocol::Ready>();
  runner.CloseStdout();
  runner.Send(Program("print('x' * 100_000)"));
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_THAT(result.termination_message, testing::HasSubstr("\"exited\""))
      << "the other channel still tells";
}

TEST(RunnerOutput, SurvivesAProgramThatClosesItsOutput) {
  const RunResult result = Execute(
      "import os, time; print('x', flush=True); os.close(1); os.close(2); time.sleep(0.05)");
  EXPECT_EQ(result.out, "x\n");
  EXPECT_EQ(result.finished.reason, protocol::Reason::kExited);
}

}  // namespace
}  // namespace oneshot::runner
