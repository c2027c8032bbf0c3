#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/domain/run.h"

namespace oneshot::store {

/// Which runs to list. `before_id` is the cursor: ids sort by time, newest first.
struct ListQuery {
  int limit{50};
  std::optional<std::string> before_id;
  std::optional<domain::RunStatus> status;
};

/// The last record that a reader has, and the attempt it belongs to.
struct OutputPosition {
  int attempt{0};
  std::int64_t seq{-1};
};

/// What a reader of a run has not seen yet, all of the same moment.
struct RunLook {
  domain::RunStatus status{domain::RunStatus::kQueued};
  int attempt{0};
  /// How many runs come before this one in the queue, plus one; 0 when it is not queued. At most
  /// 10,000 are counted.
  std::int64_t queue_position{0};
  /// Records of `attempt` with ascending seq.
  std::vector<domain::OutputRecord> output;
};

/// What the controller needs to deliver a run: the run, and the attempt it now is.
struct ClaimedRun {
  /// With its spec, attempt and Job; its status is starting or running.
  domain::Run run;
  /// An earlier controller claimed it and may have delivered it.
  bool recovered{false};
};

/// What a claim may take.
struct ClaimRequest {
  /// Ready Jobs of the pool; each is tied to at most one run, ever.
  std::vector<std::string> warm_job_names;
  /// Runs fit the pool that ask for at most this much memory and for no scratch space.
  std::int64_t pool_memory_mib{0};
  /// How many further runs may start in Jobs of their own.
  int cold_slots{0};
};

/// Why an attempt did not end its run.
struct Interruption {
  /// A stable word, for example node_lost.
  std::string reason;
  std::string message;
  base::Milliseconds retry_after{0};
};

/// The queue and the record of runs; the only place where api and controller meet.
/// Not a cache: what a call changes, it changes in one transaction. Threads: all methods may run
/// concurrently. Errors of every call: kUnavailable (the database cannot be reached; nothing has
/// happened), kUnknownOutcome (the commit is not confirmed). Every call may be repeated then: one
/// that has happened answers kAlreadyExists, kConflict or kNotFound, or changes nothing that
/// matters.
class RunStore {
 public:
  virtual ~RunStore() = default;

  // --- api ---

  /// Accepts a run: when this returns, it is committed. `max_queued` bounds the queue.
  /// Errors: kAlreadyExists (that id), kConflict (the queue is full).
  virtual base::Status Submit(const std::string& id, const domain::RunSpec& spec,
                              base::WallTime now, std::int64_t max_queued) = 0;

  /// The whole record without output. Errors: kNotFound.
  virtual base::Result<domain::Run> Get(const std::string& id) = 0;

  /// The cheapest question: enough to tell whether a run has ended. Errors: kNotFound.
  virtual base::Result<domain::RunStatus> GetStatus(const std::string& id) = 0;

  /// State, place in the queue, and the output after `seen`. All output is returned when the run is
  /// no longer at `seen.attempt`, because a new attempt starts its output over. Output stops after
  /// the record that passes `max_bytes`; 0 asks for none. When it does not stop there and the
  /// status is terminal, the output is complete. Errors: kNotFound.
  virtual base::Result<RunLook> Look(const std::string& id, OutputPosition seen,
                                     std::int64_t max_bytes) = 0;

  /// Newest first, without source and stdin; at most `limit`.
  virtual base::Result<std::vector<domain::Run>> List(const ListQuery& query) = 0;

  /// Cancels a queued run at once, records the wish for the controller when the run is active, and
  /// leaves a terminal one as it is. Returns the status afterwards. Errors: kNotFound.
  virtual base::Result<domain::RunStatus> RequestCancel(const std::string& id,
                                                        base::WallTime now) = 0;

  /// Deletes a finished run and its output. Errors: kNotFound; kConflict while it is active.
  virtual base::Status Delete(const std::string& id) = 0;

  // --- controller; every write is fenced: kConflict means that this epoch is over, or the attempt
  // is no longer current ---

  /// Takes leadership: every older epoch's writes fail from now on. Returns the new epoch.
  virtual base::Result<std::int64_t> TakeEpoch(const std::string& holder) = 0;

  /// Ties the oldest due runs to Jobs: status starting, attempt + 1, Job name recorded, in one
  /// transaction. Runs that fit the pool get its Jobs first; others, and what is left over, the
  /// cold slots. Oldest first; empty when nothing is due. Repeating after kUnknownOutcome is safe:
  /// what was claimed is found by AdoptActive.
  virtual base::Result<std::vector<ClaimedRun>> Claim(std::int64_t epoch,
                                                      const ClaimRequest& request,
                                                      base::WallTime now) = 0;

  /// Takes over every active run that an older epoch claimed; a new leader continues them. Called
  /// with every sweep, because an older leader's last claim may commit late.
  virtual base::Result<std::vector<ClaimedRun>> AdoptActive(std::int64_t epoch) = 0;

  /// Which of these Jobs belong, or once belonged, to a run. They must never be given to another
  /// run.
  virtual base::Result<std::vector<std::string>> ClaimedJobs(
      const std::vector<std::string>& job_names) = 0;

  /// Ids of active runs that are to be cancelled.
  virtual base::Result<std::vector<std::string>> ListCancelRequested(std::int64_t epoch) = 0;

  /// Stores what became known of the attempt's pod, the beginning of the program (once `started_at`
  /// is set the run is running), and new output. Records already there are left as they are, so
  /// repeating is safe.
  struct Progress {
    domain::JobRef job;
    std::optional<base::WallTime> started_at;
    std::vector<domain::OutputRecord> records;
  };
  virtual base::Status RecordProgress(std::int64_t epoch, const std::string& id, int attempt,
                                      const Progress& progress) = 0;

  /// Ends the run: its last output and its outcome in one transaction, by compare-and-set.
  /// Repeating it for the same attempt gives kConflict or success, and the run has one outcome
  /// either way.
  virtual base::Status Finish(std::int64_t epoch, const std::string& id, int attempt,
                              const Progress& progress, const domain::Outcome& outcome,
                              base::WallTime now) = 0;

  /// Gives an interrupted attempt up: the run is queued again without its records, or ends with
  /// `error` when `max_attempts` are spent. Returns the status afterwards.
  virtual base::Result<domain::RunStatus> Interrupt(std::int64_t epoch, const std::string& id,
                                                    int attempt, const Interruption& interruption,
                                                    int max_attempts, base::WallTime now) = 0;

  /// How many runs are queued.
  virtual base::Result<std::int64_t> CountQueued() = 0;

  /// Deletes runs that finished before `before`, at most `limit` of them; returns how many.
  virtual base::Result<std::int64_t> DeleteFinishedBefore(base::WallTime before, int limit) = 0;

  /// Succeeds when the database can be reached now.
  virtual base::Status Ping() = 0;
};

}  // namespace oneshot::store
