#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/domain/run.h"
#include "tests/simulation/world.h"
#include "tests/support/store/memory_run_store.h"

namespace oneshot::simulation {

inline constexpr int kMaxAttempts = 3;

/// What the program of a run does: prints `pieces` pieces, then exits with `exit_code` or hangs.
struct Program {
  int pieces{0};
  int exit_code{0};
  bool hangs{false};
  std::int64_t wall_ms{2'000};

  std::string ToSource() const;
  static Program FromSource(const std::string& source, std::int64_t wall_ms);
};

/// One time that a program really began.
struct Execution {
  int number{0};
  int attempt{0};
  Program program;
  /// It ended by itself or at its limit, and with what.
  std::optional<domain::RunStatus> ended;
  /// It was stopped: its pod was told to go, or it was cancelled.
  bool was_stopped{false};
  /// Its node died: nobody can be blamed for losing it.
  bool is_excused{false};

  std::string Piece(int index) const;
  std::string Output() const;
};

/// Knows what really happened, whatever controllers believe, and compares: the invariants.
class Oracle {
 public:
  Oracle(World& world, test::MemoryRunStore& store) : world_(world), store_(store) {}

  void OnSubmit(const std::string& run_id, Program program);
  void OnCancel(const std::string& run_id);
  /// A request was written to a link that was open: its program may begin.
  void OnRequestWritten(const std::string& run_id, int attempt);
  /// Its program begins.
  std::shared_ptr<Execution> OnBegin(const std::string& run_id, int attempt);
  void OnClaim(const std::string& run_id, const std::string& job_name);
  /// Another controller than the one that claimed it goes on with it, or the same one after an
  /// answer was lost: it cannot know whether the request was written.
  void OnAdopt(const std::string& run_id, int attempt);
  void OnInterrupt(const std::string& run_id, int attempt, domain::RunStatus status,
                   bool may_have_begun);
  /// The runner of this Job lies: nothing can be demanded of what it says.
  void OnLie(const std::string& job_name) { lying_jobs_.insert(job_name); }
  void OnPodLoss() { has_lost_pods_ = true; }
  /// The database has lost what was committed last: nothing that was under way can be judged.
  void OnFailover();
  /// A controller deletes a Job.
  void OnDelete(const std::string& job_name, const std::string& by);

  /// Every run has ended.
  bool AllEnded() const;
  /// Those that were to be cancelled that long ago have ended.
  void CheckCancelled(Milliseconds patience);
  /// Everything is over, or should be.
  void CheckEnds();
  /// The Job was tied to a run once.
  bool WasTied(const std::string& job_name) const { return run_of_job_.contains(job_name); }

 private:
  struct Facts {
    std::vector<std::shared_ptr<Execution>> executions;
    /// That were ever tied to it.
    std::set<std::string> jobs;
    /// Attempts whose request was written: their programs may have begun.
    std::set<int> written;
    std::set<int> adopted;
    /// Attempts that were told as interrupted.
    std::set<int> told;
    std::optional<MonotonicTime> cancelled_at;
    /// The database forgot that it was accepted.
    bool is_forgotten{false};
    /// Or that it was to be cancelled.
    bool is_wish_forgotten{false};
    /// It was under way when the database forgot what it was told last: what was done for a claim
    /// that is forgotten may happen beside what is done for the next.
    bool is_shaken{false};
  };

  bool HasEnded(const std::string& run_id, const Facts& facts) const;
  /// Attempts that died with a node, or may have.
  int LostAttempts(const Facts& facts) const;
  bool HasTrustedLiar(const Facts& facts) const;
  void CheckEnd(const std::string& run_id, const Facts& facts);

  World& world_;
  test::MemoryRunStore& store_;
  std::map<std::string, Facts> runs_;
  std::map<std::string, std::string> run_of_job_;
  /// By controllers.
  std::set<std::string> deleted_;
  std::set<std::string> lying_jobs_;
  bool has_lost_pods_{false};
};

}  // namespace oneshot::simulation
