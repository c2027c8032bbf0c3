// A database that stalls, goes away, refuses, and comes back (reviews R4 and R12).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "core/domain/run_id.h"
#include "core/store/migrate.h"
#include "core/store/notifications.h"
#include "core/store/pg_run_store.h"
#include "tests/support/store/temporary_database.h"
#include "tests/support/tcp_proxy.h"
#include "tests/support/wait_until.h"

namespace oneshot {
namespace {

using base::ErrorCode;
using Mode = test::TcpProxy::Mode;

// Short, so that tests do not wait; a healthy call is much shorter.
constexpr std::chrono::seconds kTimeout{2};

class PgDeadlinesTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(store::Migrate(database_.url())); }

  std::string Url() const { return test::WithPort(database_.url(), proxy_.Port()); }
  static std::string NewId() { return domain::NewRunId(std::chrono::system_clock::now()); }

  test::TemporaryDatabase database_;
  test::TcpProxy proxy_{test::PortOf(database_.url())};
};

TEST_F(PgDeadlinesTest, ACallToAServerThatAnswersNothingEnds) {
  store::PgRunStore store(Url(), 2, kTimeout);
  ASSERT_TRUE(store.Ping());
  proxy_.Set(Mode::kStall);
  EXPECT_EQ(store.Ping().error().code, ErrorCode::kUnavailable) << "a read has no effect";
  EXPECT_EQ(store.Ping().error().code, ErrorCode::kUnavailable) << "and so on a new connection";
  proxy_.Set(Mode::kForward);
  EXPECT_TRUE(test::WaitUntil([&] { return bool(store.Ping()); }, "the database is back"));
}

TEST_F(PgDeadlinesTest, AWriteThatIsNotAnsweredHasAnUnknownOutcome) {
  store::PgRunStore store(Url(), 1, kTimeout);
  ASSERT_TRUE(store.Submit({.id = NewId(), .spec = {}, .submitter = {}}));
  proxy_.Set(Mode::kStall);
  const auto submitted = store.Submit({.id = NewId(), .spec = {}, .submitter = {}});
  ASSERT_FALSE(submitted);
  EXPECT_EQ(submitted.error().code, ErrorCode::kUnknownOutcome);
}

TEST_F(PgDeadlinesTest, OneOutageThrowsAllIdleConnectionsAway) {
  store::PgRunStore store(Url(), 4, test::kPatience);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (int k = 0; k < 20; ++k) EXPECT_TRUE(store.Ping());
      });
  }
  proxy_.Set(Mode::kCut);
  EXPECT_FALSE(store.Ping());
  EXPECT_EQ(store.Ping().error().code, ErrorCode::kUnavailable) << "none could be opened";
  proxy_.Set(Mode::kForward);
  EXPECT_TRUE(test::WaitUntil([&] { return bool(store.Ping()); }, "the database is back"));
}

TEST_F(PgDeadlinesTest, WaitingForAConnectionEndsToo) {
  store::PgRunStore store(Url(), 1, kTimeout);
  ASSERT_TRUE(store.Ping());
  proxy_.Set(Mode::kStall);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { EXPECT_FALSE(store.Ping()); });
}

TEST_F(PgDeadlinesTest, AStatementThatWaitsForALockIsGivenUpWithoutEffect) {
  store::PgRunStore store(database_.url(), 1, kTimeout);
  const std::string id = NewId();
  ASSERT_TRUE(store.Submit({.id = id, .spec = {}, .submitter = {}}));
  const auto lock = database_.Lock("SELECT FROM runs WHERE id = '" + id + "' FOR UPDATE");
  EXPECT_EQ(store.RequestCancel(id).error().code, ErrorCode::kUnavailable)
      << "the server said so itself";
  EXPECT_EQ(*store.GetStatus(id), domain::RunStatus::kQueued);
}

TEST_F(PgDeadlinesTest, AServerThatBecameAStandbyIsLeft) {
  // As after a failover: a session of now takes no writes, one of later does.
  database_.Execute("ALTER DATABASE " + database_.name() +
                    " SET default_transaction_read_only = on");
  store::PgRunStore demoted(Url(), 1, test::kPatience);
  EXPECT_EQ(demoted.Submit({.id = NewId(), .spec = {}, .submitter = {}}).error().code,
            ErrorCode::kUnavailable);
  database_.Execute("BEGIN READ WRITE; ALTER DATABASE " + database_.name() +
                    " RESET default_transaction_read_only; COMMIT");
  EXPECT_TRUE(demoted.Submit({.id = NewId(), .spec = {}, .submitter = {}}))
      << "on a new connection";
}

TEST_F(PgDeadlinesTest, AnErrorOfAHealthyConnectionKeepsIt) {
  store::PgRunStore store(Url(), 1, test::kPatience);
  const std::string id = NewId();
  ASSERT_TRUE(store.Submit({.id = id, .spec = {}, .submitter = {}}));
  const int connections = proxy_.Accepted();
  EXPECT_EQ(store.Submit({.id = id, .spec = {}, .submitter = {}}).error().code,
            ErrorCode::kAlreadyExists);
  EXPECT_TRUE(store.Ping());
  EXPECT_EQ(proxy_.Accepted(), connections);
}

TEST_F(PgDeadlinesTest, AListenerLeavesAServerThatAnswersNothing) {
  std::atomic<int> connected{0};
  std::atomic<int> notified{0};
  const auto listener = store::MakePgListener(
      Url(), store::kChangesChannel,
      {.on_notification = [&](const std::vector<std::string>&) { ++notified; },
       .on_connected = [&] { ++connected; }},
      kTimeout);
  ASSERT_TRUE(test::WaitUntil([&] { return connected == 1; }, "the listener listens"));
  proxy_.Set(Mode::kStall);
  const int before = proxy_.Accepted();
  ASSERT_TRUE(test::WaitUntil([&] { return proxy_.Accepted() > before; }, "it tries another"));
  proxy_.Set(Mode::kForward);
  ASSERT_TRUE(test::WaitUntil([&] { return connected > 1; }, "the listener listens again"));
  const auto notifier = store::MakePgNotifier(database_.url(), kTimeout);
  EXPECT_TRUE(test::WaitUntil(
      [&] {
        notifier->Notify(store::kChangesChannel, "x");
        return notified > 0;
      },
      "a notification"));
}

TEST_F(PgDeadlinesTest, ANotifierLeavesAServerThatAnswersNothing) {
  std::atomic<int> connected{0};
  std::atomic<int> notified{0};
  const auto listener = store::MakePgListener(
      database_.url(), store::kChangesChannel,
      {.on_notification = [&](const std::vector<std::string>&) { ++notified; },
       .on_connected = [&] { ++connected; }},
      kTimeout);
  ASSERT_TRUE(test::WaitUntil([&] { return connected == 1; }, "the listener listens"));
  const auto notifier = store::MakePgNotifier(Url(), kTimeout);
  // Hints may be lost, so they are repeated.
  const auto is_told = [&](const char* what) {
    const int before = notified;
    return test::WaitUntil(
        [&] {
          notifier->Notify(store::kChangesChannel, "x");
          return notified > before;
        },
        what);
  };
  ASSERT_TRUE(is_told("a notification"));
  proxy_.Set(Mode::kStall);
  const int before = proxy_.Accepted();
  ASSERT_TRUE(test::WaitUntil(
      [&] {
        notifier->Notify(store::kChangesChannel, "y");
        return proxy_.Accepted() > before;
      },
      "it tries another connection"));
  proxy_.Set(Mode::kForward);
  EXPECT_TRUE(is_told("a notification after the outage"));
}

TEST_F(PgDeadlinesTest, EndsWhileTheServerAnswersNothing) {
  const auto notifier = store::MakePgNotifier(Url(), kTimeout);
  std::atomic<int> connected{0};
  const auto listener = store::MakePgListener(
      Url(), store::kChangesChannel, {.on_notification = {}, .on_connected = [&] { ++connected; }},
      kTimeout);
  ASSERT_TRUE(test::WaitUntil([&] { return connected == 1; }, "the listener listens"));
  notifier->Notify(store::kChangesChannel, "x");
  proxy_.Set(Mode::kStall);
  // Their destructors wait for their threads, in which calls end.
}

}  // namespace
}  // namespace oneshot
