// What only PostgreSQL can show: migrations, connections that break, notifications.
#include "core/store/pg_run_store.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <set>
#include <thread>

#include "core/base/guarded.h"
#include "core/domain/run_id.h"
#include "core/store/migrate.h"
#include "core/store/notifications.h"
#include "tests/support/store/temporary_database.h"
#include "tests/support/wait_until.h"

namespace oneshot {
namespace {

using base::ErrorCode;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(Migrate, AppliesOnceAndNoticesAnEditedFile) {
  const test::TemporaryDatabase database;
  ASSERT_TRUE(store::Migrate(database.url()));
  ASSERT_TRUE(store::Migrate(database.url())) << "up to date already";
  auto edited = store::Migrations();
  edited.front().sql += "-- a later thought\n";
  const auto refused = store::Migrate(database.url(), edited);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInternal);
  EXPECT_THAT(refused.error().message, HasSubstr("0001_runs"));
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
  store::PgRunStore store("postgresql://oneshot@127.0.0.1:1/none?connect_timeout=1", 1,
                          test::kPatience);
  EXPECT_EQ(store.Ping().error().code, ErrorCode::kUnavailable);
}

TEST(PgRunStore, GoesOnAfterItsConnectionsWereCut) {
  const test::TemporaryDatabase database;
  ASSERT_TRUE(store::Migrate(database.url()));
  store::PgRunStore store(database.url(), 1, test::kPatience);
  ASSERT_TRUE(store.Ping());
  database.Execute(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
      "AND pid <> "
      "pg_backend_pid()");
  EXPECT_FALSE(store.MeasureQueue()) << "the call that met the cut says so";
  EXPECT_EQ(store.MeasureQueue()->runs, 0);
}

// Otherwise every Job that waited in vain would cost a row for ever.
TEST(PgRunStore, RetentionForgetsRetiredJobs) {
  const test::TemporaryDatabase database;
  ASSERT_TRUE(store::Migrate(database.url()));
  store::PgRunStore store(database.url(), 1, test::kPatience);
  const std::int64_t epoch = *store.TakeEpoch("test");
  ASSERT_TRUE(store.Retire(epoch, {"warm-old"}));
  database.Execute("UPDATE attempts SET claimed_at = claimed_at - interval '2 hours'");
  ASSERT_TRUE(store.Retire(epoch, {"warm-new"}));
  EXPECT_EQ(*store.DeleteFinishedOlderThan(std::chrono::hours(1), 10), 0);
  EXPECT_THAT(*store.ClaimedJobs({"warm-old", "warm-new"}), testing::ElementsAre("warm-new"));
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
                                               .on_connected = [&] { connected.count_down(); }},
                                              test::kPatience);
  connected.wait();
  const auto notifier = store::MakePgNotifier(database.url(), test::kPatience);
  for (const std::string& id : want)
    notifier->Notify(store::kChangesChannel, id);  // more than one payload can carry
  complete.wait();
}

/// Accepts connections, closes them at once, and counts them.
class RefusingServer {
 public:
  RefusingServer() {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_, 16);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this] {
      for (int client = 0; (client = ::accept(listener_, nullptr, nullptr)) >= 0; ++refused_)
        ::close(client);
    });
  }
  ~RefusingServer() {
    ::shutdown(listener_, SHUT_RD);  // ends accept(2)
    thread_.join();
    ::close(listener_);
  }
  std::string Url() const {
    return "postgresql://one:pass-word@127.0.0.1:" + std::to_string(port_) + "/two";
  }
  int Refused() const { return refused_; }

 private:
  const int listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  int port_{0};
  std::atomic<int> refused_{0};
  std::jthread thread_;
};

TEST(Notifications, AnOutageIsLoggedOnceAndWithoutThePassword) {
  testing::internal::CaptureStderr();
  {
    const RefusingServer server;
    const auto listener = store::MakePgListener(server.Url(), store::kChangesChannel,
                                                store::ListenHandlers{}, test::kPatience);
    test::WaitUntil([&] { return server.Refused() >= 5; }, "several tries to connect");
  }
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1) << log;
  EXPECT_THAT(log, AllOf(HasSubstr("\"warning\""), HasSubstr(store::kChangesChannel),
                         HasSubstr("connection to server"), Not(HasSubstr("pass-word"))));
}

}  // namespace
}  // namespace oneshot
