#include "core/protocol/codec.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace oneshot::protocol {
namespace {

std::string AllBytes() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  return bytes;
}

std::string_view WithoutNewline(const std::string& line) {
  EXPECT_EQ(line.find('\n'), line.size() - 1) << "one line, one newline";
  return std::string_view(line).substr(0, line.size() - 1);
}

void ExpectRoundTrip(const Command& command) {
  const std::string line = Encode(command);
  const auto decoded = DecodeCommand(WithoutNewline(line));
  ASSERT_TRUE(decoded) << decoded.error().message << " in " << line;
  EXPECT_EQ(*decoded, command) << line;
}

void ExpectRoundTrip(const Record& record) {
  const std::string line = Encode(record);
  const auto decoded = DecodeRecord(WithoutNewline(line));
  ASSERT_TRUE(decoded) << decoded.error().message << " in " << line;
  EXPECT_EQ(*decoded, record) << line;
}

TEST(Codec, CarriesEveryCommand) {
  RunCommand run;
  run.run_id = "01j9z3k8";
  run.attempt = 2;
  run.source = "print('ä\\n')\r\n\t\x01";
  run.stdin_data = AllBytes();
  run.args = {"", "a b", "\"quoted\""};
  run.limits = {1, 2, 3, 4, 5};
  run.scratch_bytes = 7;
  run.stdin_open = true;
  ExpectRoundTrip(Command(run));
  ExpectRoundTrip(Command(StdinCommand{"text"}));
  ExpectRoundTrip(Command(StdinCommand{AllBytes()}));
  ExpectRoundTrip(Command(StdinEofCommand{}));
  ExpectRoundTrip(Command(CancelCommand{}));
}

TEST(Codec, CarriesEveryRecord) {
  ExpectRoundTrip(Record(Ready{"3.11.2", {"numpy", "pandas"}, 412}));
  ExpectRoundTrip(Record(Started{"01j9z3k8", 3}));
  ExpectRoundTrip(Record(Output{Stream::kStdout, 0, 12, "hello\n", 0}));
  ExpectRoundTrip(Record(Output{Stream::kStderr, 1LL << 40, 12, AllBytes(), 99}));
  ExpectRoundTrip(Record(Display{4, 13, "image/png", 0, 3, AllBytes()}));
  Finished finished{"01j9z3k8", 1,      0, std::nullopt,        Reason::kExited, "", 10, 9, 1 << 20,
                    {},         {5, 4}, 3, std::string(64, 'a')};
  ExpectRoundTrip(Record(finished));
  finished.exit_code.reset();
  finished.signal = 9;
  finished.message = "wall time limit exceeded";
  for (const Reason reason : {Reason::kSignaled, Reason::kWallTimeExceeded,
                              Reason::kCpuTimeExceeded, Reason::kProcessLimitExceeded,
                              Reason::kOutOfMemory, Reason::kCancelled, Reason::kRunnerError}) {
    finished.reason = reason;
    ExpectRoundTrip(Record(finished));
  }
}

TEST(Codec, CarriesEachByteAlone) {
  for (int i = 0; i < 256; ++i) {
    ExpectRoundTrip(Record(Output{Stream::kStdout, 0, 0, std::string(1, static_cast<char>(i)), 0}));
    ExpectRoundTrip(Command(StdinCommand{std::string(1, static_cast<char>(i))}));
  }
}

TEST(Codec, SpellsAsTheProtocolSays) {
  EXPECT_EQ(Encode(Record(Output{Stream::kStdout, 0, 12, "6\n", 0})),
            "{\"type\":\"stdout\",\"seq\":0,\"ms\":12,\"data\":\"6\\n\"}\n");
  EXPECT_EQ(
      Encode(Record(Output{Stream::kStderr, 1, 12, "\xFF", 3})),
      "{\"type\":\"stderr\",\"seq\":1,\"ms\":12,\"data_b64\":\"/w==\",\"dropped_bytes\":3}\n");
  EXPECT_EQ(Encode(Command(CancelCommand{})), "{\"type\":\"cancel\"}\n");
}

TEST(Codec, FillsInWhatARunMayLeaveOut) {
  const auto command = DecodeCommand(
      R"({"type":"run","protocol":1,"run_id":"a","attempt":1,"source":"x","limits":{"wall_ms":5},"later":"added"})");
  ASSERT_TRUE(command) << command.error().message;
  const auto& run = std::get<RunCommand>(*command);
  EXPECT_EQ(run.limits.wall_ms, 5);
  EXPECT_EQ(run.limits.cpu_ms, Limits{}.cpu_ms);
  EXPECT_EQ(run.stdin_data, "");
  EXPECT_FALSE(run.stdin_open);
}

TEST(Codec, RefusesMalformedLines) {
  const std::vector<std::string> lines = {
      "",
      "x",
      "[]",
      "{}",
      "{\"type\":1}",
      "{\"type\":\"boom\"}",
      "{\"type\":\"stdin\"}",
      R"({"type":"stdin","data":7})",
      R"({"type":"stdin","data_b64":"?"})",
      "{\"type\":\"stdin\",\"data\":\"\xFF\"}",
      R"({"type":"run","protocol":2,"run_id":"a","attempt":1,"source":""})",
      R"({"type":"run","protocol":1,"run_id":"a","attempt":0,"source":""})",
      R"({"type":"run","protocol":1,"run_id":"a","attempt":1.5,"source":""})",
      R"({"type":"run","protocol":1,"run_id":"a","attempt":99999999999,"source":""})",
      R"({"type":"run","protocol":1,"run_id":"a","attempt":1,"source":"","args":[1]})",
      R"({"type":"run","protocol":1,"run_id":"a","attempt":1,"source":"","limits":{"wall_ms":-1}})",
      R"({"type":"run","protocol":1,"run_id":"a","attempt":1,"source":"","limits":{"wall_ms":18446744073709551615}})",
      R"({"type":"run","protocol":1,"run_id":"a","attempt":1,"source":"","limits":[]})",
      R"({"type":"run","protocol":1,"run_id":"a","attempt":1,"source":"","stdin_open":1})",
      R"({"type":"cancel"} {"type":"cancel"})"};
  for (const std::string& line : lines) {
    const auto command = DecodeCommand(line);
    ASSERT_FALSE(command) << line;
    EXPECT_EQ(command.error().code, base::ErrorCode::kInvalidArgument);
  }
}

TEST(Codec, NeverQuotesALineInItsErrors) {
  const auto command = DecodeCommand(R"({"type":"run","source":"secret_token" oops)");
  ASSERT_FALSE(command);
  EXPECT_EQ(command.error().message.find("secret"), std::string::npos);
}

TEST(Codec, RefusesLinesThatAreTooLong) {
  const std::string record =
      R"({"type":"stdout","seq":0,"ms":0,"data":")" + std::string(kMaxRecordLine, 'a') + "\"}";
  EXPECT_FALSE(DecodeRecord(record));
  const std::string command =
      R"({"type":"stdin","data":")" + std::string(kMaxCommandLine, 'a') + "\"}";
  EXPECT_FALSE(DecodeCommand(command));
}

TEST(Codec, SurvivesEveryDamageToALine) {
  std::mt19937 random(11);
  const std::string good = Encode(Record(
      Finished{"id", 1, 0, std::nullopt, Reason::kExited, "m", 1, 2, 3, {1, 1}, {2, 2}, 2, "00"}));
  for (int round = 0; round < 20'000; ++round) {
    std::string line = good;
    for (std::size_t i = 0; i <= random() % 3; ++i)
      line[random() % line.size()] = static_cast<char>(random());
    line.resize(random() % (line.size() + 1));
    if (const auto record = DecodeRecord(line)) Encode(*record);
    if (const auto command = DecodeCommand(line)) Encode(*command);
  }
}

}  // namespace
}  // namespace oneshot::protocol
