#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/domain/run_id.h"
#include "core/store/migrate.h"
#include "core/store/pg_run_store.h"
#include "tests/support/hand_clock.h"
#include "tests/support/store/cold_attempt.h"
#include "tests/support/store/memory_run_store.h"
#include "tests/support/store/temporary_database.h"
#include "tests/support/wait_until.h"

namespace oneshot {

/// One suite, two stores: what run_store.h promises holds in memory and in PostgreSQL alike.
struct StoreKind {
  const char* name;
  bool postgres;
};

class RunStoreContract : public testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override {
    clock_.wall = base::WallTime(std::chrono::milliseconds(1'700'000'000'000));
    if (!GetParam().postgres) {
      store_ = std::make_unique<test::MemoryRunStore>(clock_);
    } else {
      database_ = std::make_unique<test::TemporaryDatabase>();
      const auto migrated = store::Migrate(database_->url());
      ASSERT_TRUE(migrated) << migrated.error().message;
      store_ = std::make_unique<store::PgRunStore>(database_->url(), 4, test::kPatience);
    }
    epoch_ = *store_->TakeEpoch("one");
  }

  std::string Submit(const std::string& source = "print(6)", std::int64_t memory_mib = 256,
                     std::int64_t scratch_mib = 0, const std::string& submitter = "one") {
    std::string id = NewId();
    domain::RunSpec spec{
        .source = source, .stdin_data = "in\n", .args = {"a", "b \"c\""}, .limits = {}};
    spec.limits.memory_mib = memory_mib;
    spec.limits.scratch_mib = scratch_mib;
    const auto submitted = store_->Submit({.id = id, .spec = spec, .submitter = submitter});
    EXPECT_TRUE(submitted) << submitted.error().message;
    return id;
  }
  /// Later in the queue than those before.
  std::string NewId() {
    id_time_ += std::chrono::milliseconds(5);
    return domain::NewRunId(id_time_);
  }

  /// Lets time pass in the store: its clock goes on, or everything in it happened earlier.
  void Pass(std::chrono::seconds duration) {
    clock_.wall += duration;
    if (!database_) return;
    const std::string back = " - interval '" + std::to_string(duration.count()) + " seconds'";
    std::string columns;
    for (const char* column :
         {"not_before", "created_at", "claimed_at", "started_at", "finished_at", "series_began_at"})
      columns += (columns.empty() ? "" : ", ") + std::string(column) + " = " + column + back;
    database_->Execute("UPDATE runs SET " + columns);
    database_->Execute("UPDATE queue_clock SET claimed_at = claimed_at" + back);
    database_->Execute("UPDATE idempotency_keys SET created_at = created_at" + back);
    database_->Execute("UPDATE shares SET created_at = created_at" + back +
                       ", expires_at = expires_at" + back);
  }

  std::vector<store::ClaimedRun> Claim(const store::ClaimRequest& request) {
    auto claimed = store_->Claim(epoch_, request);
    EXPECT_TRUE(claimed) << claimed.error().message;
    return claimed ? claimed->runs : std::vector<store::ClaimedRun>{};
  }
  static store::ClaimRequest Cold(int slots) {
    return {.warm_job_names = {}, .pool_memory_mib = 0, .cold_slots = slots};
  }

  domain::RunStatus StatusOf(const std::string& id) {
    const auto run = store_->Get(id);
    EXPECT_EQ(*store_->GetStatus(id), run->status);
    return run->status;
  }
  std::int64_t PositionOf(const std::string& id) {
    return store_->Look(id, {}, /*max_bytes=*/0)->queue_position;
  }
  /// What a reader that has the record `seq` of `attempt` is given.
  std::vector<domain::OutputRecord> OutputAfter(const std::string& id, int attempt,
                                                std::int64_t seq, std::int64_t max_bytes) {
    return store_->Look(id, {.attempt = attempt, .seq = seq}, max_bytes)->output;
  }

  static domain::Outcome Succeeded() {
    domain::Outcome outcome;
    outcome.status = domain::RunStatus::kSucceeded;
    outcome.reason = "exited";
    outcome.exit_code = 0;
    outcome.stdout_bytes = {.produced = 5, .dropped = 2};
    outcome.wall_ms = 12;
    outcome.cpu_ms = 11;
    outcome.peak_memory_bytes = 1 << 20;
    return outcome;
  }
  static domain::OutputRecord Record(std::int64_t seq, std::string data,
                                     domain::Stream stream = domain::Stream::kStdout) {
    return {.seq = seq, .ms = seq * 2, .pieces = {{.stream = stream, .data = std::move(data)}}};
  }
  /// Something that is shown whole in one record.
  static domain::OutputRecord Shown(std::int64_t seq, int number, std::string data) {
    domain::OutputRecord record{.seq = seq, .ms = seq * 2};
    const std::int64_t bytes = std::ssize(data);
    record.display = domain::DisplayPart{.data = std::move(data),
                                         .whole = domain::Display{.number = number,
                                                                  .mime = "image/png",
                                                                  .width = 640,
                                                                  .height = 480,
                                                                  .alt = "\"A\" title ä",
                                                                  .bytes = bytes,
                                                                  .first_seq = seq,
                                                                  .last_seq = seq}};
    return record;
  }
  static store::Progress Output(std::vector<domain::OutputRecord> records) {
    return {.job = {}, .started_ago = {}, .records = std::move(records)};
  }
  /// What a program that began a moment ago has printed.
  static store::Progress Begun(std::vector<domain::OutputRecord> records = {}) {
    return {.job = {}, .started_ago = base::Milliseconds(0), .records = std::move(records)};
  }
  static store::Interruption Lost(bool may_have_begun = true) {
    return {.reason = "node_lost",
            .message = "the node answers nothing",
            .node = "n1",
            .may_have_begun = may_have_begun};
  }
  static constexpr store::RetryLimits kLimits{.max_attempts = 3,
                                              .queue_timeout = std::chrono::minutes(10)};

  test::HandClock clock_;
  std::unique_ptr<test::TemporaryDatabase> database_;
  std::unique_ptr<store::RunStore> store_;
  std::int64_t epoch_{0};
  base::WallTime id_time_{std::chrono::milliseconds(1'700'000'000'000)};
};

}  // namespace oneshot
