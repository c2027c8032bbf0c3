// What only PostgreSQL can show: migrations, connections that break, notifications.
#include "core/store/pg_run_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>
#include <set>
#include <thread>

#include "core/base/guarded.h"
#include "core/domain/run_id.h"
#include "core/store/migrate.h"
#include "core/store/notifications.h"
#include "tests/support/store/temporary_database.h"

namespace oneshot {
namespace {

using base::ErrorCode;

TEST(Migrate, AppliesOnceAndNoticesAnEditedFile) {
  const test::TemporaryDatabase database;
  ASSERT_TRUE(store::Migrate(database.url()));
  ASSERT_TRUE(store::Migrate(database.url())) << "up to date already";
  auto edited = store::Migrations();
  edited.front().sql += "-- a later thought\n";
  const auto refused = store::Migrate(database.url(), edited);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInternal);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("0001_runs"));
}

TEST(Migrate, ChangesNothingWhenAStatementFails) {
  const test::TemporaryDatabase database;
  const std::vector<store::SqlFile> broken{{"0001_good", "CREATE TABLE good (x int)"},
                                           {"0002_bad", "CREATE TABEL"}};
  EXPECT_FALSE(store::Migrate(database.url(), broken));
  EXPECT_NO_THROW(database.Execute("CREATE TABLE good (x int)"))
      << "the first file was rolled back too";
}

TEST(Migrate, ProgramsThatStartTogetherTakeTurns) {
  const test::TemporaryDatabase database;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&database] {
      const auto migrated = store::Migrate(database.url());
      EXPECT_TRUE(migrated) << migrated.error().message;
    });
  }
}

TEST(PgRunStore, SaysUnavailableWhenNobodyListens) {
  store::PgRunStore store("postgresql://oneshot@127.0.0.1:1/none?connect_timeout=1", 1);
  EXPECT_EQ(store.Ping().error().code, ErrorCode::kUnavailable);
}

TEST(PgRunStore, GoesOnAfterItsConnectionsWereCut) {
  const test::TemporaryDatabase database;
  ASSERT_TRUE(store::Migrate(database.url()));
  store::PgRunStore store(database.url(), 1);
  ASSERT_TRUE(store.Ping());
  database.Execute(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
      "AND pid <> "
      "pg_backend_pid()");
  EXPECT_FALSE(store.CountQueued()) << "the call that met the cut says so";
  EXPECT_EQ(*store.CountQueued(), 0);
}

TEST(Notifications, ReachTheListenerTogetherWithWhatCameMeanwhile) {
  const test::TemporaryDatabase database;
  base::Guarded<std::set<std::string>> seen;
  std::latch connected(1);
  std::latch complete(1);
  std::set<std::string> want;
  for (int i = 0; i < 600; ++i) want.insert(domain::NewRunId(std::chrono::system_clock::now()));
  const auto listener = store::MakePgListener(database.url(), store::kChangesChannel,
                                              {.on_notification =
                                                   [&](const std::vector<std::string>& run_ids) {
                                                     auto ids = seen.Acquire();
                                                     const bool was_complete = *ids == want;
                                                     ids->insert(run_ids.begin(), run_ids.end());
                                                     if (!was_complete && *ids == want)
                                                       complete.count_down();
                                                   },
                                               .on_connected = [&] { connected.count_down(); }});
  connected.wait();
  const auto notifier = store::MakePgNotifier(database.url());
  for (const std::string& id : want)
    notifier->Notify(store::kChangesChannel, id);  // more than one payload can carry
  complete.wait();
}

}  // namespace
}  // namespace oneshot
