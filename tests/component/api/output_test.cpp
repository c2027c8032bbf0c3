/// What a program printed, as answers carry it: cut in the run object, whole at /stdout, in order
/// when merged.
#include <gmock/gmock.h>

#include <fstream>

#include "core/base/utf8.h"
#include "tests/component/api/running_api.h"
#include "tests/support/store/cold_attempt.h"

namespace oneshot::test {
namespace {

using nlohmann::json;

constexpr std::size_t kInline = 262'144;

class Output : public RunningApi {
 protected:
  /// A run that has printed `bytes` to stdout, in records as large as a runner's, and still runs.
  std::string Printed(const std::string& bytes) {
    std::string id = Submit();
    ClaimAll();
    std::vector<domain::OutputRecord> records;
    for (std::size_t at = 0; at < bytes.size(); at += 8192)
      records.push_back(Record(std::ssize(records), bytes.substr(at, 8192)));
    Print(id, records);
    return id;
  }
  Answer Read(const std::string& id, const std::string& rest = "") {
    return Request("GET", "/api/v1/runs/" + id + rest);
  }
  static domain::OutputRecord Error(std::int64_t seq, const std::string& data) {
    domain::OutputRecord record = Record(seq, data);
    record.pieces[0].stream = domain::Stream::kStderr;
    return record;
  }
};

TEST_F(Output, ThatIsLongIsCutInTheRunAndWholeAtItsOwnAddress) {
  std::string bytes;
  for (int i = 0; bytes.size() < 1'000'000; ++i) bytes += std::to_string(i) + '\0' + "\xff\n";
  const std::string id = Printed(bytes);
  for (const bool has_ended : {false, true}) {
    if (has_ended) Finish(id);
    const json run = Json(Read(id));
    EXPECT_EQ(run["stdout_cut"], true);
    EXPECT_EQ(run["stderr_cut"], false);
    EXPECT_EQ(run["stderr"], "");
    const std::string text = run["stdout"];
    EXPECT_EQ(text.substr(0, 6), std::string("0\0\xEF\xBF\xBD\n", 6));
    EXPECT_EQ(Request("GET", run["links"]["stdout"]).body, bytes);
    EXPECT_EQ(Request("GET", run["links"]["stderr"]).body, "");
  }
}

TEST_F(Output, OfExactlyTheBoundIsNotCut) {
  const std::string bytes(kInline, 'x');
  const json run = Json(Read(Printed(bytes)));
  EXPECT_EQ(run["stdout"], bytes);
  EXPECT_EQ(run["stdout_cut"], false);
}

TEST_F(Output, OnlyOfStderrIsFoundBehindMuchStdout) {
  const std::string id = Printed(std::string(8192 * 100, 'x'));
  Print(id, {Error(100, "Traceback")});
  EXPECT_EQ(Json(Read(id))["stderr"], "Traceback");
  EXPECT_EQ(Read(id, "/stderr").body, "Traceback");
}

TEST_F(Output, IsWholeAlsoWhenTheServerStopsMeanwhile) {
  const std::string bytes(8'000'000, 'x');
  Client client(port_);
  client.Send("GET", "/api/v1/runs/" + Printed(bytes) + "/stdout");
  EXPECT_EQ(client.ReadHead().status, 200);
  EXPECT_TRUE(client.ReadUntil("x"));
  std::jthread stopping([this] { Stop(); });
  EXPECT_FALSE(client.ReadUntil("y"));
  EXPECT_EQ(client.streamed().size(), bytes.size());
  EXPECT_TRUE(client.HasLastChunk());
}

TEST_F(Output, ThatIsVoidMeanwhileIsNotTakenForTheWhole) {
  std::string bytes;
  for (int i = 0; i < 40; ++i) bytes.append(1'000'000, 'x');  // more than the kernel takes
  const std::string id = Printed(bytes);
  Client client(port_);
  client.Send("GET", "/api/v1/runs/" + id + "/stdout");
  EXPECT_EQ(client.ReadHead().status, 200);
  EXPECT_TRUE(client.ReadUntil("x"));
  ASSERT_TRUE(store_->Interrupt(epoch_, ColdAttempt(id, 1), {.reason = "node_lost"}, {}));
  EXPECT_FALSE(client.ReadUntil("y"));
  EXPECT_FALSE(client.HasLastChunk());
}

TEST_F(Output, CanBeLeftOut) {
  const json run = Json(Read(Printed("x"), "?output=none"));
  EXPECT_EQ(run["status"], "running");
  for (const char* key : {"stdout", "stdout_cut", "merged"}) EXPECT_FALSE(run.contains(key)) << key;
  EXPECT_EQ(Json(Read(Submit(), "?output=none"))["queue_position"], 1);
}

TEST_F(Output, OfBothStreamsComesInItsOrder) {
  const std::string id = Printed("one");
  Print(id, {Error(1, "two"), Record(2, "three")});
  const json run = Json(Read(id, "?output=merged"));
  EXPECT_EQ(run["merged"], json::parse(R"([{"stream": "stdout", "text": "one", "ms": 0},
                                           {"stream": "stderr", "text": "two", "ms": 0},
                                           {"stream": "stdout", "text": "three", "ms": 0}])"));
  EXPECT_EQ(run["merged_cut"], false);
  EXPECT_EQ(run["next_after"], "1-2");
  EXPECT_EQ(run["reset"], false);
}

TEST_F(Output, IsReadInPartsByWhoGoesOnWhereTheLastAnswerEnded) {
  std::string bytes;
  for (int i = 0; bytes.size() < 1'000'000; ++i) bytes += std::to_string(i) + "ü\n";
  // The records of a real runner end between characters.
  std::vector<domain::OutputRecord> records;
  for (std::size_t at = 0; at < bytes.size();) {
    std::string part = bytes.substr(at, 8192);
    part.resize(part.size() - base::IncompleteUtf8Suffix(part));
    at += part.size();
    records.push_back(Record(std::ssize(records), part));
  }
  const std::string id = Submit();
  ClaimAll();
  Print(id, records);
  Finish(id);
  std::string text;
  std::string after = "0-0";
  int answers = 0;
  for (bool is_cut = true; is_cut; ++answers) {
    const json run = Json(Read(id, "?output=merged&after=" + after));
    std::size_t size = 0;
    for (const json& piece : run["merged"]) {
      text += piece["text"].get<std::string>();
      size += piece["text"].get<std::string>().size();
    }
    EXPECT_LE(size, kInline);
    after = run["next_after"];
    is_cut = run["merged_cut"];
  }
  EXPECT_EQ(text, bytes);
  EXPECT_EQ(answers, 4);
  EXPECT_EQ(Json(Read(id, "?output=merged&after=" + after))["merged"], json::array());
}

TEST_F(Output, OfANewAttemptStartsOver) {
  const std::string id = Printed("first");
  ASSERT_TRUE(store_->Interrupt(epoch_, ColdAttempt(id, 1), {.reason = "node_lost"}, {}));
  ClaimAll();
  const json begun = Json(Read(id, "?output=merged&after=1-0"));
  EXPECT_EQ(begun["reset"], true);
  EXPECT_EQ(begun["merged"], json::array());
  Print(id, {Record(0, "second")}, /*attempt=*/2);
  const json printed =
      Json(Read(id, "?output=merged&after=" + begun["next_after"].get<std::string>()));
  EXPECT_EQ(printed["reset"], false);
  EXPECT_EQ(printed["merged"][0]["text"], "second");
}

TEST_F(Output, AskedForWronglyIsRefusedByName) {
  const std::string id = Submit();
  for (const auto& [query, parameter] :
       std::map<std::string, std::string>{{"?output=both", "output"},
                                          {"?output=merged&after=x", "after"},
                                          {"?after=1-0", "after"},
                                          {"?wait=61", "wait"},
                                          {"?what=1", "what"}}) {
    const Answer answer = Read(id, query);
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_EQ(Json(answer)["errors"][0]["parameter"], parameter);
  }
}

TEST_F(Output, TheSubmissionCanBeReadAndSubmittedAgain) {
  const json submission = json::parse(R"json({
    "source": "print('ü')", "stdin": "in\n", "stdin_open": true, "args": ["a", ""], "display": 2.5, "outputs": ["*.csv"],
    "files": [{"path": "a.csv", "content": "x\n"}, {"path": "b/c", "content_b64": "/wA="}],
    "limits": {"wall_seconds": 1.5, "cpu_seconds": 2, "memory_mib": 128, "output_bytes": 2048, "scratch_mib": 8}})json");
  const Answer accepted = Request("POST", "/api/v1/runs", submission.dump());
  const Answer read = Request("GET", Json(accepted)["links"]["submission"]);
  EXPECT_EQ(Json(read), submission);
  EXPECT_EQ(Request("POST", "/api/v1/runs", read.body).status, 201);
  EXPECT_EQ(Read("01jdxxxxxxxxxxxxxxxxxxxxxx", "/submission").status, 404);
}

TEST_F(Output, FilesOfFewSubmissionsAreReadAtATime) {
  const std::string id = Json(Request(
      "POST", "/api/v1/runs", R"({"source": "", "files": [{"path": "a", "content": "x"}]})"))["id"];
  std::vector<int> statuses;
  const auto read = [&] { statuses.push_back(Read(id, "/submission").status); };
  store_->BeforeNextRead([&] {
    store_->BeforeNextRead(read);  // the third, while two are read
    read();
  });
  read();
  EXPECT_EQ(statuses, (std::vector{503, 200, 200}));
  read();
  EXPECT_EQ(statuses.back(), 200);
}

// A sanitizer keeps what was freed, so that there is nothing to measure.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
std::int64_t PeakBytes() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word && word != "VmHWM:") {
  }
  std::int64_t kibibytes = 0;
  status >> kibibytes;
  return kibibytes * 1024;
}

// Each byte is six as JSON.
TEST_F(Output, OfEightMebibytesCostsEachOfFiftyReadersLittle) {
  constexpr std::int64_t kReaders = 50;
  const std::string id = Printed(std::string(8 << 20, '\x01'));
  Finish(id);
  const std::map<std::string, std::string> answers{
      {"run", ""}, {"merged_run", "?output=merged"}, {"stdout", "/stdout"}};
  for (const auto& [name, rest] : answers) {
    std::ofstream("/proc/self/clear_refs") << 5;  // VmHWM begins again with what there is now
    const std::int64_t before = PeakBytes();
    std::vector<Client> clients;
    for (std::int64_t i = 0; i < kReaders; ++i) {
      clients.emplace_back(port_).Send("GET", "/api/v1/runs/" + id + rest);
      EXPECT_EQ(clients.back().ReadHead().status, 200);
    }
    const std::int64_t each = (PeakBytes() - before) / kReaders;
    RecordProperty("bytes_for_a_reader_of_" + name, std::to_string(each));
    EXPECT_LT(each, 4 << 20) << name;
  }
}
#endif

}  // namespace
}  // namespace oneshot::test
