// What comes on a run's standard input while it is active.
#include <gmock/gmock.h>

#include "tests/contract/store/run_store_contract.h"

namespace oneshot {
namespace {

using domain::StdinPiece;
using Outcome = store::StdinAnswer::Outcome;
using testing::ElementsAre;
using testing::IsEmpty;

class Stdin : public RunStoreContract {
 protected:
  std::string SubmitOpen() {
    domain::RunSpec spec{.source = "input()"};
    spec.stdin_open = true;
    const std::string id = NewId();
    EXPECT_TRUE(store_->Submit({.id = id, .spec = spec, .submitter = "me"}));
    return id;
  }
  std::pair<Outcome, int> Add(const std::string& id, std::optional<int> seq,
                              const StdinPiece& piece, const store::StdinBounds& bounds = {}) {
    const auto answer = store_->AddStdin(id, seq, piece, bounds);
    EXPECT_TRUE(answer);
    return {answer->outcome, answer->next_seq};
  }
};

TEST_P(Stdin, IsKeptInItsOrderAndAsItCame) {
  const std::string id = SubmitOpen();
  const StdinPiece bytes{std::string("\0\xff'\\x", 5)};
  EXPECT_EQ(Add(id, std::nullopt, bytes), std::pair(Outcome::kTaken, 1)) << "it waits for its run";
  EXPECT_EQ(Claim(Cold(1)).at(0).run.spec.stdin_open, true);
  EXPECT_EQ(Add(id, 1, {"b\n"}), std::pair(Outcome::kTaken, 2));
  EXPECT_THAT(*store_->ReadStdin(id, 0), ElementsAre(bytes, StdinPiece{"b\n"}));
  EXPECT_THAT(*store_->ReadStdin(id, 1), ElementsAre(StdinPiece{"b\n"}));
  EXPECT_THAT(*store_->ReadStdin(id, 2), IsEmpty());
  EXPECT_EQ(*store_->NextStdin({id, NewId()}), (std::map<std::string, int>{{id, 2}}));
}

TEST_P(Stdin, CountsInTheQueueUntilItsRunLeavesIt) {
  const std::string id = SubmitOpen();
  const std::int64_t before = store_->MeasureQueue()->bytes;
  Add(id, std::nullopt, {std::string(1000, 'x')});
  EXPECT_EQ(store_->MeasureQueue()->bytes, before + 1000);
  Claim(Cold(1));
  EXPECT_EQ(store_->MeasureQueue()->bytes, 0);
}

TEST_P(Stdin, WithANumberIsTakenOnce) {
  const std::string id = SubmitOpen();
  EXPECT_EQ(Add(id, 0, {"a"}), std::pair(Outcome::kTaken, 1));
  EXPECT_EQ(Add(id, 0, {"a"}), std::pair(Outcome::kTaken, 1));
  EXPECT_EQ(Add(id, 0, {"b"}), std::pair(Outcome::kOutOfOrder, 1));
  EXPECT_EQ(Add(id, 2, {"a"}), std::pair(Outcome::kOutOfOrder, 1));
  EXPECT_EQ(Add(id, std::nullopt, {"a"}), std::pair(Outcome::kTaken, 2));
  EXPECT_EQ(Add(id, 2, {.is_end = true}), std::pair(Outcome::kTaken, 3));
  EXPECT_EQ(Add(id, 2, {.is_end = true}), std::pair(Outcome::kTaken, 3));
  EXPECT_EQ(store_->ReadStdin(id, 0)->size(), 3U);
}

TEST_P(Stdin, EndsWithItsEndAndWithTheRun) {
  const std::string id = SubmitOpen();
  EXPECT_FALSE(store_->Get(id)->stdin_ended);
  EXPECT_EQ(Add(id, std::nullopt, {.is_end = true}).first, Outcome::kTaken);
  EXPECT_TRUE(store_->Get(id)->stdin_ended);
  EXPECT_EQ(Add(id, std::nullopt, {"late"}).first, Outcome::kInputEnded);
  const std::string other = SubmitOpen();
  ASSERT_TRUE(store_->RequestCancel(other));
  EXPECT_EQ(Add(other, std::nullopt, {"late"}).first, Outcome::kRunEnded);
  EXPECT_EQ(Add(Submit(), std::nullopt, {"x"}).first, Outcome::kNotOpen);
  EXPECT_EQ(store_->AddStdin(NewId(), std::nullopt, {"x"}, {}).error().code,
            base::ErrorCode::kNotFound);
}

TEST_P(Stdin, IsBounded) {
  const std::string id = SubmitOpen();
  const store::StdinBounds bounds{.bytes = 5, .pieces = 3};
  EXPECT_EQ(Add(id, std::nullopt, {"1234"}, bounds).first, Outcome::kTaken);
  EXPECT_EQ(Add(id, std::nullopt, {"56"}, bounds).first, Outcome::kTooMuch);
  EXPECT_EQ(Add(id, std::nullopt, {"5"}, bounds).first, Outcome::kTaken);
  EXPECT_EQ(Add(id, std::nullopt, {""}, bounds).first, Outcome::kTaken);
  EXPECT_EQ(Add(id, std::nullopt, {""}, bounds).first, Outcome::kTooMuch);
  EXPECT_EQ(store_->ReadStdin(id, 0)->size(), 3U);
}

TEST_P(Stdin, IsThereForTheNextAttemptAndGoneWithTheRun) {
  const std::string id = SubmitOpen();
  const auto first = Claim(Cold(1)).at(0);
  EXPECT_EQ(Add(id, 0, {"a"}).first, Outcome::kTaken);
  ASSERT_TRUE(store_->Interrupt(epoch_, test::ColdAttempt(id, first.run.attempt), Lost(), kLimits));
  EXPECT_EQ(store_->ReadStdin(id, 0)->size(), 1U);
  ASSERT_TRUE(store_->RequestCancel(id));
  ASSERT_TRUE(store_->Delete(id));
  EXPECT_THAT(*store_->ReadStdin(id, 0), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Stores, Stdin,
                         testing::Values(StoreKind{"Memory", false}, StoreKind{"PostgreSql", true}),
                         [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace oneshot
