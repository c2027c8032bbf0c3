// Rows that an earlier version left behind, read by this one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/store/migrate.h"
#include "core/store/pg_run_store.h"
#include "tests/support/store/cold_attempt.h"
#include "tests/support/store/temporary_database.h"
#include "tests/support/wait_until.h"

namespace oneshot {
namespace {

using domain::RunStatus;
using domain::Stream;
using testing::ElementsAre;
using testing::SizeIs;

class MigrationTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(store::Migrate(database_.url(), {store::Migrations().front()}));
  }
  void Upgrade() {
    const auto migrated = store::Migrate(database_.url());
    ASSERT_TRUE(migrated) << migrated.error().message;
  }

  void InsertRun(const std::string& id, const std::string& columns, const std::string& values) {
    database_.Execute(
        "INSERT INTO runs (id, not_before, created_at, source, stdin, args, wall_ms_limit, "
        "cpu_ms_limit, memory_mib, output_bytes_limit, scratch_mib, " +
        columns + ") VALUES ('" + id + "', now(), now(), '', '', '[]', 1, 1, 1, 1, 0, " + values +
        ")");
  }
  void InsertAttempt(const std::string& id, int attempt, const std::string& reason) {
    database_.Execute(
        "INSERT INTO attempts (run_id, attempt, job_name, node, claimed_at, interrupted_reason) "
        "VALUES ('" +
        id + "', " + std::to_string(attempt) + ", 'run-" + id + "-" + std::to_string(attempt) +
        "', 'n1', now(), " + reason + ")");
  }

  test::TemporaryDatabase database_;
};

TEST_F(MigrationTest, KeepsTheOutputOfFinishedRuns) {
  InsertRun("a", "status, attempt, finished_at, reason", "'succeeded', 2, now(), 'exited'");
  InsertAttempt("a", 1, "'node_lost'");
  InsertAttempt("a", 2, "NULL");
  database_.Execute(
      "INSERT INTO output_records (run_id, attempt, seq, stream, ms, data, dropped_bytes, mime, "
      "part, parts) VALUES "
      "('a', 2, 0, 1, 1, convert_to('plain', 'UTF8'), 0, '', 0, 1), "
      "('a', 2, 1, 2, 2, '\\x610062', 7, '', 0, 1), "
      "('a', 2, 2, 1, 3, '\\xff80', 0, '', 0, 1), "
      "('a', 2, 3, 3, 4, convert_to('iVBORw==', 'UTF8'), 0, 'image/png', 1, 3), "
      "('a', 2, 4, 1, 5, '', 9, '', 0, 1)");
  Upgrade();
  store::PgRunStore store(database_.url(), 1, test::kPatience);
  domain::OutputRecord shown{.seq = 3, .ms = 4};
  // What it is was never told, because no program could show anything.
  shown.display = domain::DisplayPart{.data = "iVBORw=="};
  const auto look = store.Look("a", {}, 1 << 20);
  ASSERT_TRUE(look) << look.error().message;
  EXPECT_THAT(
      look->output,
      ElementsAre(
          domain::OutputRecord{.seq = 0, .ms = 1, .pieces = {{Stream::kStdout, "plain", 0}}},
          domain::OutputRecord{
              .seq = 1, .ms = 2, .pieces = {{Stream::kStderr, std::string("a\0b", 3), 7}}},
          domain::OutputRecord{.seq = 2, .ms = 3, .pieces = {{Stream::kStdout, "\xff\x80", 0}}},
          shown, domain::OutputRecord{.seq = 4, .ms = 5, .pieces = {{Stream::kStdout, "", 9}}}));
  EXPECT_FALSE(look->has_more);
}

TEST_F(MigrationTest, CutsALongOutputIntoChunks) {
  InsertRun("a", "status, attempt, finished_at, reason", "'succeeded', 1, now(), 'exited'");
  InsertAttempt("a", 1, "NULL");
  database_.Execute(
      "INSERT INTO output_records (run_id, attempt, seq, stream, ms, data) "
      "SELECT 'a', 1, n, 1 + n % 2, n, convert_to(repeat(n::text || ' ', 20), 'UTF8') "
      "FROM generate_series(0, 4999) AS n");
  Upgrade();
  store::PgRunStore store(database_.url(), 1, test::kPatience);
  std::int64_t seen = -1;
  int looks = 0;
  for (bool has_more = true; has_more; ++looks) {
    const auto look = store.Look("a", {.attempt = 1, .seq = seen}, 65'536);
    ASSERT_FALSE(look->output.empty());
    for (const domain::OutputRecord& record : look->output) {
      ASSERT_EQ(record.seq, ++seen);
      ASSERT_TRUE(record.pieces.at(0).data.starts_with(std::to_string(seen) + " "));
    }
    has_more = look->has_more;
  }
  EXPECT_EQ(seen, 4999);
  EXPECT_GT(looks, 3);
}

TEST_F(MigrationTest, GoesOnWithWhatWasUnderWay) {
  InsertRun("a", "status, attempt, epoch, claimed_at", "'starting', 1, 0, now()");
  InsertAttempt("a", 1, "NULL");
  InsertRun("b", "status, attempt, epoch, claimed_at, started_at, spent_attempts",
            "'running', 2, 0, now(), now(), 1");
  InsertAttempt("b", 1, "'pod_lost'");
  InsertAttempt("b", 2, "NULL");
  database_.Execute(
      "INSERT INTO output_records (run_id, attempt, seq, stream, ms, data) VALUES ('b', 2, 0, 1, "
      "1, 'x')");
  Upgrade();
  store::PgRunStore store(database_.url(), 1, test::kPatience);
  const std::int64_t epoch = *store.TakeEpoch("new");
  const auto adopted = *store.AdoptActive(epoch, {});
  ASSERT_THAT(adopted, SizeIs(2));
  EXPECT_EQ(adopted[0].next_seq, 0);
  EXPECT_EQ(adopted[1].next_seq, 1);
  const store::RetryLimits at_once{.max_attempts = 9, .queue_timeout = base::Milliseconds(0)};
  EXPECT_EQ(*store.Interrupt(epoch, test::ColdAttempt("a", 1),
                             {.reason = "no_room", .may_have_begun = false}, at_once),
            RunStatus::kError)
      << "its series began with its claim";
  const auto run = store.Get("b");
  ASSERT_THAT(run->interruptions, SizeIs(1));
  EXPECT_EQ(run->interruptions[0].reason, "pod_lost");
  EXPECT_EQ(run->interruptions[0].node, "n1");
}

TEST_F(MigrationTest, KeysThatAreThereAreCounted) {
  const auto& all = store::Migrations();
  ASSERT_TRUE(store::Migrate(database_.url(), {all.begin(), all.begin() + 6}));
  database_.Execute(
      "INSERT INTO idempotency_keys VALUES ('a', 'key', 'print', 'run', now()), "
      "('b', 'key', 'print', 'run', now())");
  Upgrade();
  store::PgRunStore store(database_.url(), 1, std::chrono::seconds(5));
  EXPECT_EQ(*store.StoredBytes(), 2 * (256 + 2 * 4));
}

}  // namespace
}  // namespace oneshot
