// Finished runs that are shared: kept, and readable, until their shares are gone.
#include <gmock/gmock.h>

#include <thread>

#include "tests/contract/store/run_store_contract.h"

namespace oneshot {
namespace {

using base::ErrorCode;
using domain::RunStatus;
using std::chrono::hours;
using store::ShareBound;
using store::ShareBounds;

class Shares : public RunStoreContract {
 protected:
  /// A run that has printed bytes of every kind, and has ended.
  std::string Finished(const std::string& source = "print(6)") {
    std::string id = Submit(source);
    Claim(Cold(1));
    EXPECT_TRUE(
        store_->Finish(epoch_, test::ColdAttempt(id, 1), Begun({Record(0, kOutput)}), Succeeded()));
    return id;
  }
  base::Result<store::Shared> Share(const std::string& share, const std::string& run,
                                    const ShareBounds& bounds = {},
                                    const std::string& submitter = "one") {
    return store_->CreateShare({.id = share,
                                .run_id = run,
                                .token_hash = "hash of " + share,
                                .submitter = submitter,
                                .lifetime = hours(48)},
                               bounds);
  }
  bool IsThere(const std::string& run) {
    return store_->Look(run, {}, /*max_bytes=*/0).operator bool();
  }

  const std::string kOutput{"\0\xff\xfe text\n", 9};
};

TEST_P(Shares, AreReadAsTheRunThatTheyWereMadeOf) {
  const std::string run = Finished();
  const auto shared = Share("s", run);
  ASSERT_TRUE(shared) << shared.error().message;
  EXPECT_EQ(shared->exceeded, std::nullopt);
  EXPECT_EQ(shared->expires_at - shared->created_at, hours(48));
  const auto share = store_->GetShare("s");
  ASSERT_TRUE(share) << share.error().message;
  EXPECT_EQ(share->run.id, run);
  EXPECT_EQ(share->run.spec.source, "print(6)");
  EXPECT_EQ(share->run.outcome, store_->Get(run)->outcome);
  EXPECT_EQ(share->token_hash, "hash of s");
  EXPECT_EQ(share->created_at, shared->created_at);
  EXPECT_EQ(share->expires_at, shared->expires_at);
  EXPECT_EQ(store_->GetShare("other").error().code, ErrorCode::kNotFound);
}

TEST_P(Shares, AreMadeOfFinishedRunsOnly) {
  const std::string run = Submit();
  EXPECT_EQ(Share("s", run).error().code, ErrorCode::kConflict);
  Claim(Cold(1));
  EXPECT_EQ(Share("s", run).error().code, ErrorCode::kConflict);
  EXPECT_EQ(store_->GetShare("s").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Share("s", NewId()).error().code, ErrorCode::kNotFound);
}

TEST_P(Shares, AnIdIsUsedOnce) {
  const std::string run = Finished();
  ASSERT_TRUE(Share("s", run));
  EXPECT_EQ(Share("s", run).error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(Share("s", Finished()).error().code, ErrorCode::kAlreadyExists);
  ASSERT_TRUE(store_->DeleteShare("s"));
  Pass(std::chrono::seconds(1));
  EXPECT_EQ(*store_->DeleteFinishedOlderThan(base::Milliseconds(0), 100), 2)
      << "nothing is counted twice";
}

TEST_P(Shares, StayWhenTheRunIsDeleted) {
  const std::string run = Finished();
  ASSERT_TRUE(Share("s", run));
  ASSERT_TRUE(store_->Delete(run));
  EXPECT_EQ(store_->Get(run).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->GetStatus(run).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->RequestCancel(run).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->Delete(run).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Share("t", run).error().code, ErrorCode::kNotFound);
  EXPECT_THAT(*store_->List({}), testing::IsEmpty());
  EXPECT_EQ(store_->GetShare("s")->run.spec.source, "print(6)");
  const auto output = OutputAfter(run, 1, -1, 1000);
  ASSERT_EQ(output.size(), 1U);
  EXPECT_EQ(output[0].pieces[0].data, kOutput);
}

TEST_P(Shares, TheLastOneTakesADeletedRunWithIt) {
  const std::string run = Finished();
  ASSERT_TRUE(Share("s", run));
  ASSERT_TRUE(Share("t", run));
  ASSERT_TRUE(store_->Delete(run));
  ASSERT_TRUE(store_->DeleteShare("s"));
  EXPECT_TRUE(store_->GetShare("t"));
  EXPECT_TRUE(IsThere(run));
  ASSERT_TRUE(store_->DeleteShare("t"));
  EXPECT_FALSE(IsThere(run));
  EXPECT_EQ(*store_->StoredBytes(), 0);
}

TEST_P(Shares, AreRevokedOnceAndLeaveTheRun) {
  const std::string run = Finished();
  ASSERT_TRUE(Share("s", run));
  ASSERT_TRUE(store_->DeleteShare("s"));
  EXPECT_EQ(store_->GetShare("s").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->DeleteShare("s").error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(store_->Get(run));
  ASSERT_TRUE(store_->Delete(run));
  EXPECT_FALSE(IsThere(run));
}

TEST_P(Shares, KeepTheirRunUntilTheyExpire) {
  const std::string run = Finished();
  ASSERT_TRUE(Share("s", run));
  Pass(hours(24));
  EXPECT_EQ(*store_->DeleteFinishedOlderThan(hours(1), 100), 0);
  EXPECT_TRUE(store_->GetShare("s"));
  Pass(hours(24));
  EXPECT_EQ(store_->GetShare("s").error().code, ErrorCode::kNotFound) << "before any sweep";
  // The share, and then the run, at the latest.
  ASSERT_TRUE(store_->DeleteFinishedOlderThan(hours(1), 100));
  ASSERT_TRUE(store_->DeleteFinishedOlderThan(hours(1), 100));
  EXPECT_FALSE(IsThere(run));
}

TEST_P(Shares, ThatExpireTakeADeletedRunWithThem) {
  const std::string run = Finished();
  ASSERT_TRUE(Share("s", run));
  ASSERT_TRUE(store_->Delete(run));
  Pass(hours(49));
  ASSERT_TRUE(store_->DeleteFinishedOlderThan(hours(1000), 100));
  EXPECT_FALSE(IsThere(run));
}

TEST_P(Shares, DoNotMakeRoom) {
  const std::string shared = Finished();
  ASSERT_TRUE(Share("s", shared));
  Pass(std::chrono::seconds(1));
  const std::string other = Finished();
  EXPECT_EQ(*store_->DeleteFinishedBeyond(0, 100), 1);
  EXPECT_EQ(*store_->DeleteFinishedBeyond(0, 100), 0);
  EXPECT_TRUE(store_->Get(shared));
  EXPECT_FALSE(store_->Get(other));
}

TEST_P(Shares, OfOneSubmitterAreBounded) {
  const std::string run = Finished();
  const ShareBounds two{.per_submitter = 2};
  ASSERT_TRUE(Share("s", run, two));
  ASSERT_TRUE(Share("t", run, two));
  EXPECT_EQ(Share("u", run, two)->exceeded, ShareBound::kPerSubmitter);
  EXPECT_EQ(store_->GetShare("u").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Share("u", run, two, "another")->exceeded, std::nullopt);
  ASSERT_TRUE(store_->DeleteShare("s"));
  EXPECT_EQ(Share("v", run, two)->exceeded, std::nullopt);
}

TEST_P(Shares, OccupyWhatTheirRunsDoOnce) {
  const std::string run = Finished();
  const std::int64_t bytes = *store_->StoredBytes();
  const ShareBounds room{.bytes = bytes + 2 * store::kShareBytes};
  ASSERT_EQ(Share("s", run, room)->exceeded, std::nullopt);
  EXPECT_EQ(Share("t", run, room)->exceeded, std::nullopt) << "the run counts once";
  EXPECT_EQ(Share("u", run, room)->exceeded, ShareBound::kBytes) << "and each share for itself";
  EXPECT_EQ(Share("u", Finished(), room)->exceeded, ShareBound::kBytes);
  ASSERT_TRUE(store_->DeleteShare("s"));
  EXPECT_EQ(Share("v", run, room)->exceeded, std::nullopt);
}

// Whoever is first: a run that is shared is kept, and one that is deleted cannot be shared.
TEST_P(Shares, AndTheSweepDoNotMissEachOther) {
  for (int i = 0; i < 20; ++i) {
    const std::string run = Finished();
    const std::string id = "s" + std::to_string(i);
    base::Result<store::Shared> shared = base::Error{};
    std::thread sharer([&] { shared = Share(id, run); });
    const auto deleted = store_->DeleteFinishedBeyond(0, 100);
    sharer.join();
    ASSERT_TRUE(deleted) << deleted.error().message;
    EXPECT_EQ(store_->GetShare(id).operator bool(), shared.operator bool());
    EXPECT_EQ(store_->Get(run).operator bool(), shared.operator bool());
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, Shares,
                         testing::Values(StoreKind{"Memory", false}, StoreKind{"PostgreSql", true}),
                         [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace oneshot
