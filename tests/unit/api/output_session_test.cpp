#include "api/output_session.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "api/output_page.h"
#include "core/domain/run_id.h"
#include "tests/support/hand_clock.h"
#include "tests/support/store/cold_attempt.h"
#include "tests/support/store/memory_run_store.h"
#include "tests/unit/api/text_stream.h"

namespace oneshot::api {
namespace {

using domain::Stream;
using Next = RunWatch::Next;

struct OutputSessionTest : testing::Test {
  void SetUp() override {
    ASSERT_TRUE(store.Submit({.id = id, .spec = {}, .submitter = {}}));
    epoch = *store.TakeEpoch("test");
    Claim();
  }
  void Claim() { ASSERT_EQ(store.Claim(epoch, {.cold_slots = 1})->runs.size(), 1U); }
  /// `count` records of `data`.
  void Print(int count, const std::string& data, Stream which = Stream::kStdout, int attempt = 1) {
    store::Progress progress{.job = {}, .started_ago = base::Milliseconds(0), .records = {}};
    for (int i = 0; i < count; ++i) {
      domain::OutputRecord& record = progress.records.emplace_back();
      record.seq = next_seq++;
      record.pieces = {{.stream = which, .data = data}};
    }
    ASSERT_TRUE(store.RecordProgress(epoch, test::ColdAttempt(id, attempt), progress));
  }
  void Interrupt() {
    ASSERT_TRUE(store.Interrupt(epoch, test::ColdAttempt(id, 1), {.reason = "node_lost"}, {}));
    next_seq = 0;
  }
  std::unique_ptr<OutputSession> Session(Stream which = Stream::kStdout) {
    stream = std::make_shared<test::TextStream>();
    return std::make_unique<OutputSession>(store, clock, id, which, stream);
  }

  const std::string id{domain::NewRunId(base::WallTime{} + std::chrono::hours(1))};
  test::HandClock clock;
  test::MemoryRunStore store{clock};
  std::int64_t epoch{0};
  std::int64_t next_seq{0};
  std::shared_ptr<test::TextStream> stream;
};

TEST_F(OutputSessionTest, SendsTheBytesOfOneStreamAsTheyAre) {
  const std::string bytes("a\0\xff\xC3", 4);
  Print(1, bytes);
  Print(1, "not this", Stream::kStderr);
  Print(1, "b");
  auto session = Session();
  EXPECT_EQ(session->Look(), Next::kDone);
  session.reset();
  EXPECT_EQ(stream->text, bytes + "b");
  EXPECT_TRUE(stream->IsOver());
  EXPECT_FALSE(stream->is_aborted);
}

TEST_F(OutputSessionTest, HoldsAPageForASlowReaderHoweverMuchThereIs) {
  Print(1024, std::string(8192, '\x01'));
  auto session = Session();
  stream->reads_nothing = true;
  std::size_t most = 0;
  Next next = Next::kSoon;
  while (next == Next::kSoon) {
    next = session->Look();
    most = std::max(most, stream->pending);
    stream->pending = 0;  // it has read all of it
  }
  EXPECT_EQ(next, Next::kDone);
  EXPECT_EQ(stream->text, std::string(1024UL * 8192, '\x01'));
  EXPECT_LE(most, PacedStream::kMaxPending + 2UL * kOutputPageBytes);
}

TEST_F(OutputSessionTest, WhoReadsNothingIsLetGoAndSeesThatItIsNotTheEnd) {
  Print(100, std::string(8192, 'x'));
  auto session = Session();
  stream->reads_nothing = true;
  EXPECT_EQ(session->Look(), Next::kSoon);
  clock.now += PacedStream::kPatience + std::chrono::seconds(1);
  EXPECT_EQ(session->Look(), Next::kDone);
  session.reset();
  EXPECT_TRUE(stream->is_aborted);
}

TEST_F(OutputSessionTest, IsCutWhenTheAttemptThatItReadsIsVoid) {
  Print(100, std::string(8192, 'x'));
  const auto begin = [this] {
    auto session = Session();
    stream->reads_nothing = true;
    EXPECT_EQ(session->Look(), Next::kSoon);
    stream->pending = 0;
    return session;
  };
  auto until_interrupted = begin();
  const auto first = stream;
  auto until_claimed = begin();
  const auto second = stream;
  Interrupt();
  EXPECT_EQ(until_interrupted->Look(), Next::kDone);
  Claim();
  Print(1, "again", Stream::kStdout, /*attempt=*/2);
  EXPECT_EQ(until_claimed->Look(), Next::kDone);
  until_interrupted.reset();
  until_claimed.reset();
  EXPECT_TRUE(first->is_aborted);
  EXPECT_TRUE(second->is_aborted);
  EXPECT_EQ(second->text.find("again"), std::string::npos);
}

TEST_F(OutputSessionTest, OutlivesADatabaseThatGoesAwayButNotForEver) {
  Print(1, "a");
  auto session = Session();
  store.SetUnavailable(true);
  EXPECT_EQ(session->Look(), Next::kWait);
  clock.now += PacedStream::kPatience + std::chrono::seconds(1);
  EXPECT_EQ(session->Look(), Next::kDone);
  session.reset();
  EXPECT_TRUE(stream->is_aborted);
}

TEST_F(OutputSessionTest, EndsWithWhatIsThereWhileTheProgramRuns) {
  Print(1, "so far");
  auto session = Session();
  EXPECT_EQ(session->Look(), Next::kDone);
  session.reset();
  EXPECT_EQ(stream->text, "so far");
  EXPECT_FALSE(stream->is_aborted);
}

}  // namespace
}  // namespace oneshot::api
