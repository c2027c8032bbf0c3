#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controller/cluster/cluster_view.h"
#include "controller/delivery/link_plan.h"
#include "controller/delivery/run_channel.h"
#include "core/base/clock.h"

/// What the pool of waiting Jobs needs. Pure.
namespace oneshot::pool {

/// One kind of waiting Job: for runs that ask for at most `memory_mib` and no scratch space.
struct PoolClass {
  std::string name;
  std::int64_t memory_mib{256};
  int minimum{0};
  int maximum{0};
};

struct PoolSettings {
  /// In order of ascending memory.
  std::vector<PoolClass> classes;
  /// For all waiting Jobs together.
  std::int64_t memory_budget_mib{4096};
  base::Milliseconds max_idle_age{std::chrono::minutes(30)};
  base::Milliseconds start_timeout{60'000};
  /// How many Jobs may preload at the same time; more would only share the same CPUs.
  int max_starting{2};
  std::string priority_class;
};

/// One waiting Job.
struct WaitingJob {
  base::MonotonicTime time{};
  cluster::ClusterView::Sight cluster;
  delivery::RunChannel::View channel;
  base::MonotonicTime created_at{};
  /// When its pod was first seen with a node.
  std::optional<base::MonotonicTime> scheduled_at;
  /// How long after that an attach begins to have a chance; 0 where that is not known.
  base::Milliseconds first_attach{0};
  /// When its runner was last heard.
  std::optional<base::MonotonicTime> heard_at;
  /// The watch has reported it.
  bool was_seen{false};
  /// Its runner has said that it waits.
  bool was_ready{false};
};

struct WaitingJobPlan {
  /// No run should get it any more.
  bool is_lost{false};
  delivery::LinkStep step{delivery::LinkStep::kNothing};
  /// Look again after this.
  std::optional<base::Milliseconds> again;
};

WaitingJobPlan PlanWaitingJob(const WaitingJob& now, const PoolSettings& settings);

/// All waiting Jobs, oldest first, and what is wanted of each class.
struct PoolSituation {
  struct Job {
    std::string name;
    std::size_t class_index{0};
    base::MonotonicTime created_at{};
    bool is_ready{false};
    /// About to be tied to a run.
    bool is_reserved{false};
  };
  base::MonotonicTime time{};
  std::vector<Job> jobs;
  /// One for each class.
  std::vector<int> targets;
  bool may_create{true};
  /// When a run got the last one.
  std::optional<base::MonotonicTime> handed_at;
  /// Of each Job, on top of its class's memory.
  std::int64_t memory_overhead_mib{0};
};

struct PoolPlan {
  /// Names of Jobs that are too old or too many.
  std::vector<std::string> retire;
  /// The class of each Job to make.
  std::vector<std::size_t> create;
  // When that is done:
  int starting{0};
  int ready{0};
};

PoolPlan PlanPool(const PoolSituation& now, const PoolSettings& settings);

}  // namespace oneshot::pool
