// Submissions that are repeated with their key.
#include <gmock/gmock.h>

#include <future>
#include <set>
#include <thread>

#include "tests/contract/store/run_store_contract.h"

namespace oneshot {
namespace {

using base::ErrorCode;
using store::IdempotencyKey;
using store::Submission;
using store::Submitted;

class Keys : public RunStoreContract {
 protected:
  Submission With(const std::string& key, const std::string& fingerprint = "print",
                  const std::string& submitter = "a") {
    return {.id = NewId(),
            .spec = {},
            .submitter = submitter,
            .key = IdempotencyKey{.key = key, .fingerprint = fingerprint}};
  }
};

TEST_P(Keys, ASubmissionThatIsRepeatedWithItsKeyIsAcceptedOnce) {
  const Submission first = With("k");
  const auto accepted = store_->Submit(first);
  ASSERT_TRUE(accepted) << accepted.error().message;
  EXPECT_EQ(accepted->id, first.id);
  EXPECT_EQ(accepted->created_at, store_->Get(first.id)->created_at);
  const Submission again = With("k");
  const auto repeated = store_->Submit(again);
  ASSERT_TRUE(repeated) << repeated.error().message;
  EXPECT_EQ(repeated->id, first.id);
  EXPECT_EQ(repeated->created_at, std::nullopt);
  EXPECT_EQ(store_->Get(again.id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->FindSubmitted("a", *again.key)->id, first.id);
}

TEST_P(Keys, AKeyIsForOneSubmission) {
  ASSERT_TRUE(store_->Submit(With("k")));
  const Submission other = With("k", "another");
  EXPECT_EQ(store_->Submit(other).error().code, ErrorCode::kConflict);
  EXPECT_EQ(store_->FindSubmitted("a", *other.key).error().code, ErrorCode::kConflict);
  EXPECT_EQ(store_->Get(other.id).error().code, ErrorCode::kNotFound);
}

TEST_P(Keys, OfOneSubmitterMeanNothingToOthers) {
  const Submission mine = With("k");
  const Submission theirs = With("k", "another", "b");
  EXPECT_EQ(store_->Submit(mine)->id, mine.id);
  EXPECT_EQ(store_->Submit(theirs)->id, theirs.id);
  EXPECT_EQ(store_->FindSubmitted("c", *mine.key).error().code, ErrorCode::kNotFound);
}

TEST_P(Keys, WithoutAKeyEverySubmissionIsAnother) {
  const std::string first = Submit();
  EXPECT_NE(Submit(), first);
}

TEST_P(Keys, AreKnownForADay) {
  const Submission first = With("k");
  ASSERT_TRUE(store_->Submit(first));
  Pass(store::kKeyLifetime - std::chrono::minutes(1));
  EXPECT_EQ(store_->Submit(With("k"))->id, first.id);
  Pass(std::chrono::minutes(2));
  EXPECT_EQ(store_->FindSubmitted("a", *first.key).error().code, ErrorCode::kNotFound);
  const Submission next = With("k", "another");
  const auto accepted = store_->Submit(next);
  ASSERT_TRUE(accepted) << accepted.error().message;
  EXPECT_EQ(accepted->id, next.id);
  EXPECT_EQ(store_->FindSubmitted("a", *next.key)->id, next.id);
}

TEST_P(Keys, AreForgottenByTheSweep) {
  const Submission submission = With("k");
  ASSERT_TRUE(store_->Submit(submission));
  ASSERT_TRUE(store_->DeleteFinishedOlderThan(std::chrono::hours(1000), 10));
  EXPECT_TRUE(store_->FindSubmitted("a", *submission.key));
  Pass(store::kKeyLifetime + std::chrono::minutes(1));
  ASSERT_TRUE(store_->DeleteFinishedOlderThan(std::chrono::hours(1000), 10));
  if (!database_) return;
  EXPECT_NO_THROW(database_->Execute(
      "DO $$ BEGIN IF EXISTS (SELECT FROM idempotency_keys) THEN RAISE 'kept'; END IF; END $$"));
}

TEST_P(Keys, AreCountedUntilTheyAreForgotten) {
  EXPECT_EQ(*store_->StoredBytes(), 0);
  ASSERT_TRUE(store_->Submit(With("k")));
  const std::int64_t one = *store_->StoredBytes();
  EXPECT_GE(one, 256);
  ASSERT_TRUE(store_->Submit(With("k")));
  EXPECT_EQ(*store_->StoredBytes(), one) << "it is the same key";
  ASSERT_TRUE(store_->Submit(With(std::string(255, 'k'))));
  EXPECT_GE(*store_->StoredBytes(), 2 * one + 255);
  Pass(store::kKeyLifetime + std::chrono::minutes(1));
  ASSERT_TRUE(store_->DeleteFinishedOlderThan(std::chrono::hours(1000), 10));
  EXPECT_EQ(*store_->StoredBytes(), 0);
}

// Else whoever submits, cancels and deletes without end fills the disk.
TEST_P(Keys, TheOldestOnesMakeRoomAsRunsDo) {
  const Submission first = With("a");
  ASSERT_TRUE(store_->Submit(first));
  ASSERT_TRUE(store_->RequestCancel(first.id));
  ASSERT_TRUE(store_->Delete(first.id));
  const std::int64_t one = *store_->StoredBytes();
  Pass(std::chrono::seconds(1));
  const std::string run = Submit();
  ASSERT_TRUE(store_->RequestCancel(run));
  Pass(std::chrono::seconds(1));
  const Submission last = With("b");
  ASSERT_TRUE(store_->Submit(last));

  EXPECT_EQ(*store_->DeleteFinishedBeyond(1 << 30, 100), 0);
  EXPECT_EQ(*store_->DeleteFinishedBeyond(one, 1), 1) << "one at a time";
  EXPECT_EQ(store_->FindSubmitted("a", *first.key).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(store_->Get(run));
  EXPECT_EQ(*store_->DeleteFinishedBeyond(one, 100), 1);
  EXPECT_FALSE(store_->Get(run));
  EXPECT_EQ(store_->FindSubmitted("a", *last.key)->id, last.id);
  EXPECT_EQ(*store_->DeleteFinishedBeyond(0, 100), 1);
  EXPECT_EQ(*store_->StoredBytes(), 0);
  EXPECT_TRUE(store_->Get(last.id)) << "it has not finished";
}

TEST_P(Keys, OutliveTheirRun) {
  const Submission submission = With("k");
  ASSERT_TRUE(store_->Submit(submission));
  Claim(Cold(1));
  ASSERT_TRUE(store_->Finish(epoch_, test::ColdAttempt(submission.id, 1), {}, Succeeded()));
  ASSERT_TRUE(store_->Delete(submission.id));
  EXPECT_EQ(store_->Submit(With("k"))->id, submission.id) << "and nothing runs again";
  EXPECT_EQ(store_->Get(submission.id).error().code, ErrorCode::kNotFound);
}

// What the api does when the database did not confirm.
TEST_P(Keys, TheSameRunWithTheSameKeyIsThereAlready) {
  const Submission submission = With("k");
  ASSERT_TRUE(store_->Submit(submission));
  EXPECT_EQ(store_->Submit(submission).error().code, ErrorCode::kAlreadyExists);
}

TEST_P(Keys, OfTwoSubmissionsAtTheSameMomentOneIsAccepted) {
  for (int round = 0; round < 20; ++round) {
    const std::string key = "k" + std::to_string(round);
    std::vector<std::future<base::Result<Submitted>>> calls;
    for (int i = 0; i < 4; ++i) {
      calls.push_back(std::async(std::launch::async, [this, submission = With(key)] {
        return store_->Submit(submission);
      }));
    }
    std::set<std::string> ids;
    int accepted = 0;
    for (auto& call : calls) {
      const auto submitted = call.get();
      ASSERT_TRUE(submitted) << submitted.error().message;
      ids.insert(submitted->id);
      if (submitted->created_at) ++accepted;
    }
    EXPECT_EQ(ids.size(), 1U);
    EXPECT_EQ(accepted, 1);
  }
  EXPECT_EQ(store_->MeasureQueue()->runs, 20);
}

INSTANTIATE_TEST_SUITE_P(Stores, Keys,
                         testing::Values(StoreKind{"Memory", false}, StoreKind{"PostgreSql", true}),
                         [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace oneshot
