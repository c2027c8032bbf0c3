#include <gmock/gmock.h>

#include "tests/contract/store/run_store_contract.h"

// How long finished runs are kept, and how many bytes of them.
namespace oneshot {
namespace {

using domain::RunStatus;

// Review R10: ages are measured by the store's clock alone.
TEST_P(RunStoreContract, RetentionDeletesWhatFinishedLongAgo) {
  const std::string old_run = Submit();
  const std::string new_run = Submit();
  const std::string queued = Submit();
  Claim(Cold(2));
  ASSERT_TRUE(store_->Finish(epoch_, test::ColdAttempt(old_run, 1), {}, Succeeded()));
  Pass(std::chrono::hours(1));
  ASSERT_TRUE(store_->Finish(epoch_, test::ColdAttempt(new_run, 1), {}, Succeeded()));
  EXPECT_EQ(*store_->DeleteFinishedOlderThan(std::chrono::hours(2), 100), 0);
  EXPECT_EQ(*store_->DeleteFinishedOlderThan(std::chrono::minutes(10), 100), 1);
  EXPECT_FALSE(store_->Get(old_run));
  EXPECT_TRUE(store_->Get(new_run));
  EXPECT_TRUE(store_->Get(queued));
}

TEST_P(RunStoreContract, FinishedRunsAreCountedByBytesUntilTheyAreDeleted) {
  const std::string id = Submit(std::string(3'000, 'x'));
  Claim(Cold(1));
  EXPECT_EQ(*store_->StoredBytes(), 0) << "it has not finished";
  // Random enough not to shrink when it is stored.
  std::string output;
  for (unsigned value = 1; output.size() < 40'000; value = value * 1'664'525 + 1'013'904'223)
    output += static_cast<char>('a' + (value >> 24) % 26);
  ASSERT_TRUE(store_->RecordProgress(epoch_, test::ColdAttempt(id, 1),
                                     Begun({Record(0, output.substr(0, 20'000))})));
  ASSERT_TRUE(store_->Finish(epoch_, test::ColdAttempt(id, 1),
                             Output({Record(1, output.substr(20'000))}), Succeeded()));
  const std::int64_t bytes = *store_->StoredBytes();
  EXPECT_GE(bytes, 25'000);
  EXPECT_LE(bytes, 50'000);
  ASSERT_TRUE(store_->Finish(epoch_, test::ColdAttempt(id, 1), {}, Succeeded()));
  EXPECT_EQ(*store_->StoredBytes(), bytes) << "it had finished already";
  ASSERT_TRUE(store_->Delete(id));
  EXPECT_EQ(*store_->StoredBytes(), 0);
}

TEST_P(RunStoreContract, EveryEndIsCounted) {
  const std::string cancelled = Submit();
  ASSERT_TRUE(store_->RequestCancel(cancelled));
  const std::int64_t one = *store_->StoredBytes();
  EXPECT_GT(one, 0);
  const std::string lost = Submit();
  Claim(Cold(1));
  ASSERT_EQ(*store_->Interrupt(epoch_, test::ColdAttempt(lost, 1), Lost(), {.max_attempts = 1}),
            RunStatus::kError);
  EXPECT_GT(*store_->StoredBytes(), one);
}

TEST_P(RunStoreContract, TheOldestRunsMakeRoom) {
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) ids.push_back(Submit());
  Claim(Cold(3));
  std::int64_t newest = 0;
  for (int i = 0; i < 3; ++i) {
    const std::int64_t before = *store_->StoredBytes();
    ASSERT_TRUE(store_->Finish(epoch_, test::ColdAttempt(ids[static_cast<std::size_t>(i)], 1), {},
                               Succeeded()));
    newest = *store_->StoredBytes() - before;
    Pass(std::chrono::seconds(1));
  }
  EXPECT_EQ(*store_->DeleteFinishedBeyond(1 << 30, 100), 0);
  EXPECT_EQ(*store_->DeleteFinishedBeyond(newest, 1), 1) << "one at a time";
  EXPECT_FALSE(store_->Get(ids[0]));
  EXPECT_EQ(*store_->DeleteFinishedBeyond(newest, 100), 1);
  EXPECT_FALSE(store_->Get(ids[1]));
  EXPECT_TRUE(store_->Get(ids[2]));
  EXPECT_EQ(*store_->DeleteFinishedBeyond(0, 100), 1);
  EXPECT_TRUE(store_->Get(ids[3])) << "it has not finished";
}

}  // namespace
}  // namespace oneshot
