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
  run.limits = {1, 2, 3, 4, 5, 6};
  run.scratch_bytes = 7;
  run.outputs = {"*.csv", "ä/**"};
  run.display_scale = 1.5;
  run.stdin_open = true;
  run.result_hold_ms = 8;
  run.file_bytes = 9;
  ExpectRoundTrip(Command(run));
  ExpectRoundTrip(Command(FileCommand{.path = "ä/b", .offset = 1LL << 40, .data = AllBytes()}));
  ExpectRoundTrip(Command(StdinCommand{0, "text"}));
  ExpectRoundTrip(Command(StdinCommand{1LL << 40, AllBytes()}));
  ExpectRoundTrip(Command(StdinEofCommand{3}));
  ExpectRoundTrip(Command(CancelCommand{}));
  ExpectRoundTrip(Command(AckCommand{4}));
  ExpectRoundTrip(Command(ResumeCommand{1LL << 40}));
}

TEST(Codec, CarriesEveryRecord) {
  ExpectRoundTrip(Record(Ready{"3.11.2", {"numpy", "pandas"}, 412}));
  ExpectRoundTrip(Record(Ready{"3.11.2", {}, 12, "restored", Sandbox{7, true, true}}));
  ExpectRoundTrip(Record(Started{"01j9z3k8", 3}));
  ExpectRoundTrip(Record(Resumed{"", 0, 0}));
  ExpectRoundTrip(Record(Resumed{"01j9z3k8", 3, 1LL << 40}));
  ExpectRoundTrip(Record(StdinAck{7}));
  ExpectRoundTrip(Record(Output{0, 12, {}}));
  ExpectRoundTrip(Record(Output{0, 12, {{Stream::kStdout, "hello\n", 0}}}));
  ExpectRoundTrip(Record(Output{1LL << 40,
                                12,
                                {{Stream::kStderr, AllBytes(), 99},
                                 {Stream::kStdout, "", 1LL << 40},
                                 {Stream::kStdout, AllBytes(), 0},
                                 {Stream::kStderr, "\"\n\\", 0}}}));
  ExpectRoundTrip(Record(Display{.seq = 4, .ms = 13, .part = 0, .parts = 3, .data = AllBytes()}));
  ExpectRoundTrip(Record(Display{.seq = 6,
                                 .ms = 13,
                                 .part = 2,
                                 .parts = 3,
                                 .data = AllBytes(),
                                 .number = 7,
                                 .mime = "image/png",
                                 .width = 640,
                                 .height = 480,
                                 .alt = "\"A title\"",
                                 .bytes = 600}));
  Finished finished{
      "01j9z3k8", 1, 0, std::nullopt,        Reason::kExited, "", 10, 9, 1 << 20, {}, {5, 4},
      2,          3, 4, std::string(64, 'a')};
  ExpectRoundTrip(Record(finished));
  finished.exit_code.reset();
  finished.signal = 9;
  finished.message = "wall time limit exceeded";
  for (const Reason reason :
       {Reason::kSignaled, Reason::kWallTimeExceeded, Reason::kCpuTimeExceeded,
        Reason::kProcessLimitExceeded, Reason::kOutOfMemory, Reason::kCancelled,
        Reason::kTerminated, Reason::kRunnerError}) {
    finished.reason = reason;
    ExpectRoundTrip(Record(finished));
  }
}

TEST(Codec, CarriesEachByteAlone) {
  for (int i = 0; i < 256; ++i) {
    const std::string byte(1, static_cast<char>(i));
    ExpectRoundTrip(Record(Output{0, 0, {{Stream::kStdout, byte, 0}}}));
    ExpectRoundTrip(Command(StdinCommand{0, byte}));
  }
}

TEST(Codec, SpellsAsTheProtocolSays) {
  EXPECT_EQ(Encode(Record(Output{7,
                                 12,
                                 {{Stream::kStdout, "6\n", 0},
                                  {Stream::kStderr, "text", 3},
                                  {Stream::kStdout, "\xFF", 0},
                                  {Stream::kStderr, "\xFF", 0}}})),
            "{\"type\":\"output\",\"seq\":7,\"ms\":12,\"pieces\":[[\"o\",\"6\\n\"],"
            "[\"e\",\"text\",3],[\"ob\",\"/w==\"],[\"eb\",\"/w==\"]]}\n");
  EXPECT_EQ(Encode(Record(Resumed{"a", 1, 4})),
            "{\"type\":\"resumed\",\"run_id\":\"a\",\"attempt\":1,\"seq\":4}\n");
  EXPECT_EQ(Encode(Record(StdinAck{4})), "{\"type\":\"stdin_ack\",\"seq\":4}\n");
  EXPECT_EQ(Encode(Command(StdinCommand{4, "a"})),
            "{\"type\":\"stdin\",\"seq\":4,\"data\":\"a\"}\n");
  EXPECT_EQ(Encode(Command(StdinEofCommand{4})), "{\"type\":\"stdin_eof\",\"seq\":4}\n");
  EXPECT_EQ(Encode(Command(AckCommand{4})), "{\"type\":\"ack\",\"seq\":4}\n");
  EXPECT_EQ(Encode(Command(ResumeCommand{4})), "{\"type\":\"resume\",\"seq\":4}\n");
  EXPECT_EQ(Encode(Command(CancelCommand{})), "{\"type\":\"cancel\"}\n");
}

TEST(Codec, FillsInWhatARunMayLeaveOut) {
  const auto command = DecodeCommand(
      R"({"type":"run","protocol":2,"run_id":"a","attempt":1,"source":"x","limits":{"wall_ms":5},"later":"added"})");
  ASSERT_TRUE(command) << command.error().message;
  const auto& run = std::get<RunCommand>(*command);
  EXPECT_EQ(run.limits.wall_ms, 5);
  EXPECT_EQ(run.limits.cpu_ms, Limits{}.cpu_ms);
  EXPECT_EQ(run.result_hold_ms, 600'000);
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
      R"({"type":"stdin","data":"no number"})",
      R"({"type":"stdin","seq":-1,"data":""})",
      R"({"type":"stdin","seq":0,"data":7})",
      R"({"type":"stdin","seq":0,"data_b64":"?"})",
      "{\"type\":\"stdin\",\"seq\":0,\"data\":\"\xFF\"}",
      R"({"type":"stdin_eof"})",
      R"({"type":"ack"})",
      R"({"type":"ack","seq":-1})",
      R"({"type":"ack","seq":0.5})",
      R"({"type":"ack","seq":"1"})",
      R"({"type":"ack","seq":18446744073709551615})",
      R"({"type":"ack","seq":1e30})",
      R"({"type":"resume","seq":-1})",
      R"({"type":"resume","seq":null})",
      R"({"type":"run","protocol":1,"run_id":"a","attempt":1,"source":""})",
      R"({"type":"run","protocol":3,"run_id":"a","attempt":1,"source":""})",
      R"({"type":"run","protocol":2,"run_id":"a","attempt":0,"source":""})",
      R"({"type":"run","protocol":2,"run_id":"a","attempt":1.5,"source":""})",
      R"({"type":"run","protocol":2,"run_id":"a","attempt":99999999999,"source":""})",
      R"({"type":"run","protocol":2,"run_id":"a","attempt":1,"source":"","args":[1]})",
      R"({"type":"run","protocol":2,"run_id":"a","attempt":1,"source":"","limits":{"wall_ms":-1}})",
      R"({"type":"run","protocol":2,"run_id":"a","attempt":1,"source":"","limits":{"wall_ms":18446744073709551615}})",
      R"({"type":"run","protocol":2,"run_id":"a","attempt":1,"source":"","limits":{"wall_ms":9223372036854775807}})",
      R"({"type":"run","protocol":2,"run_id":"a","attempt":1,"source":"","result_hold_ms":9223372036854775807})",
      R"({"type":"run","protocol":2,"run_id":"a","attempt":1,"source":"","result_hold_ms":-1})",
      R"({"type":"run","protocol":2,"run_id":"a","attempt":1,"source":"","limits":[]})",
      R"({"type":"run","protocol":2,"run_id":"a","attempt":1,"source":"","stdin_open":1})",
      R"({"type":"cancel"} {"type":"cancel"})"};
  for (const std::string& line : lines) {
    const auto command = DecodeCommand(line);
    ASSERT_FALSE(command) << line;
    EXPECT_EQ(command.error().code, base::ErrorCode::kInvalidArgument);
  }
}

TEST(Codec, RefusesMalformedRecords) {
  const std::vector<std::string> lines = {
      R"({"type":"stdout","seq":0,"ms":0,"data":"protocol 1"})",
      R"({"type":"ready","protocol":1,"python":"3.11.2","preloaded":[],"preload_ms":1})",
      R"({"type":"ready","protocol":2,"python":"3","preloaded":[],"preload_ms":1,"sandbox":7})",
      R"({"type":"ready","protocol":2,"python":"3","preloaded":[],"preload_ms":1,"sandbox":{"landlock":-1,"seccomp":true,"user_namespace":true}})",
      R"({"type":"ready","protocol":2,"python":"3","preloaded":[],"preload_ms":1,"sandbox":{"landlock":7,"seccomp":1,"user_namespace":true}})",
      R"({"type":"resumed","run_id":"a","attempt":1})",
      R"({"type":"resumed","run_id":"a","attempt":-1,"seq":0})",
      R"({"type":"stdin_ack","seq":-1})",
      R"({"type":"output","seq":0,"ms":0})",
      R"({"type":"output","seq":-1,"ms":0,"pieces":[]})",
      R"({"type":"output","seq":0,"ms":0,"pieces":{}})",
      R"({"type":"output","seq":0,"ms":0,"pieces":["o","text"]})",
      R"({"type":"output","seq":0,"ms":0,"pieces":[["o"]]})",
      R"({"type":"output","seq":0,"ms":0,"pieces":[["x","text"]]})",
      R"({"type":"output","seq":0,"ms":0,"pieces":[["o",7]]})",
      R"({"type":"output","seq":0,"ms":0,"pieces":[["ob","?"]]})",
      R"({"type":"output","seq":0,"ms":0,"pieces":[["o","text",-1]]})",
      R"({"type":"output","seq":0,"ms":0,"pieces":[["o","text",0.5]]})",
      R"({"type":"output","seq":0,"ms":0,"pieces":[["o","text",1,2]]})"};
  for (const std::string& line : lines) {
    const auto record = DecodeRecord(line);
    ASSERT_FALSE(record) << line;
    EXPECT_EQ(record.error().code, base::ErrorCode::kInvalidArgument);
  }
}

TEST(Codec, NamesBothVersionsWhenItRefusesOne) {
  const auto command =
      DecodeCommand(R"({"type":"run","protocol":1,"run_id":"a","attempt":1,"source":""})");
  ASSERT_FALSE(command);
  EXPECT_EQ(command.error().message, "protocol 1 is not supported, only protocol 2");
}

TEST(Codec, NeverQuotesALineInItsErrors) {
  const auto command = DecodeCommand(R"({"type":"run","source":"secret_token" oops)");
  ASSERT_FALSE(command);
  EXPECT_EQ(command.error().message.find("secret"), std::string::npos);
}

TEST(Codec, RefusesLinesThatAreTooLong) {
  const std::string record = R"({"type":"output","seq":0,"ms":0,"pieces":[["o",")" +
                             std::string(kMaxRecordLine, 'a') + "\"]]}";
  EXPECT_FALSE(DecodeRecord(record));
  const std::string command =
      R"({"type":"stdin","seq":0,"data":")" + std::string(kMaxCommandLine, 'a') + "\"}";
  EXPECT_FALSE(DecodeCommand(command));
}

TEST(Codec, SurvivesEveryDamageToALine) {
  std::mt19937 random(11);
  const std::vector<std::string> good = {
      Encode(Record(Finished{
          "id", 1, 0, std::nullopt, Reason::kExited, "m", 1, 2, 3, {1, 1}, {2, 2}, 5, 4, 2, "00"})),
      Encode(Record(Output{1, 2, {{Stream::kStdout, "text", 3}, {Stream::kStderr, "\xFF", 0}}})),
      Encode(Command(ResumeCommand{12}))};
  for (int round = 0; round < 20'000; ++round) {
    std::string line = good[random() % good.size()];
    for (std::size_t i = 0; i <= random() % 3; ++i)
      line[random() % line.size()] = static_cast<char>(random());
    line.resize(random() % (line.size() + 1));
    if (const auto record = DecodeRecord(line)) Encode(*record);
    if (const auto command = DecodeCommand(line)) Encode(*command);
  }
}

}  // namespace
}  // namespace oneshot::protocol
