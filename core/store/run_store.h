#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/domain/run.h"
#include "core/domain/stdin_piece.h"
#include "core/store/attempt.h"
#include "core/store/share.h"
#include "core/store/stdin.h"
#include "core/store/submission.h"

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
  /// As in domain::Run: why the program has not begun.
  std::string message;
  /// How many entries domain::Run::interruptions has.
  int interruptions{0};
  /// How many runs come before this one in the queue, plus one; 0 when it is not queued. At most
  /// kMaxCountedAhead are counted. Others may still come before it: the queue is fair.
  std::int64_t queue_position{0};
  /// When it will be claimed if claims go on at their present pace; empty when it is not queued, or
  /// the pace is not known because no runs had to wait lately.
  std::optional<base::Milliseconds> starts_in;
  /// Records of `attempt` with ascending seq.
  std::vector<domain::OutputRecord> output;
  /// More output is stored already: look again from the last of `output`. When false and the status
  /// is terminal, the output is complete.
  bool has_more{false};
};

/// Counting further would make each look slow in a long queue, and nobody needs to know it.
inline constexpr std::int64_t kMaxCountedAhead = 1'000;

/// What the controller needs to deliver a run: the run, and the attempt it now is.
struct ClaimedRun {
  /// With its spec, attempt and Job, without its interruptions and displays; its status is starting
  /// or running.
  domain::Run run;
  /// It was claimed before, and may have been delivered.
  bool recovered{false};
  /// The number of the first record that is not stored; 0 for a new attempt.
  std::int64_t next_seq{0};
};

/// What a claim may take.
struct ClaimRequest {
  /// Ready Jobs of the pool; each is tied to at most one run, ever.
  std::vector<std::string> warm_job_names;
  /// Runs fit the pool that ask for at most this much memory and for no scratch space.
  std::int64_t pool_memory_mib{0};
  /// How many further runs may start in Jobs of their own.
  int cold_slots{0};
  /// A submitter that has this many active runs gets no more.
  int max_active_of_submitter{std::numeric_limits<int>::max()};
};

struct ClaimResult {
  /// In the order of the queue.
  std::vector<ClaimedRun> runs;
  /// Other runs were due.
  bool has_more{false};
};

/// The queue and the record of runs; the only place where api and controller meet.
///
/// Not a cache: what a call changes, it changes in one transaction. Time is the store's own: no two
/// machines' clocks are ever compared. Threads: all methods may run concurrently. Errors of every
/// call: kUnavailable (the database cannot be reached in time; nothing has happened),
/// kUnknownOutcome (the commit is not confirmed). Every call may be repeated then: one that has
/// happened answers as it did, or kAlreadyExists or kNotFound, and changes nothing that matters.
class RunStore {
 public:
  virtual ~RunStore() = default;

  // --- api ---

  /// Accepts a run: when this returns, it is committed, and has its place in the queue: behind what
  /// its submitter has in it, and before what others reserve for later (ADR 25). With a key that
  /// its submitter has used lately, nothing is accepted, and the run of that time is returned.
  /// Errors: kAlreadyExists (that id), kConflict (the key was used for another submission).
  virtual base::Result<Submitted> Submit(const Submission& submission) = 0;

  /// The run that `submitter` has used the key for lately. Errors: kNotFound, kConflict as above.
  virtual base::Result<Submitted> FindSubmitted(const std::string& submitter,
                                                const IdempotencyKey& key) = 0;

  /// The whole record without output. Errors: kNotFound.
  virtual base::Result<domain::Run> Get(const std::string& id) = 0;

  /// What its program finds beside main.py, with content. Errors: kNotFound.
  virtual base::Result<std::vector<domain::File>> ReadFiles(const std::string& id) = 0;

  /// The cheapest question: enough to tell whether a run has ended. Errors: kNotFound.
  virtual base::Result<domain::RunStatus> GetStatus(const std::string& id) = 0;

  /// State, place in the queue, and the output after `seen`. All output is returned when the run is
  /// no longer at `seen.attempt`, because a new attempt starts its output over. Output stops after
  /// the record that passes `max_bytes`, or earlier; 0 asks for none. Errors: kNotFound, though not
  /// for a run that was deleted and is still shared.
  virtual base::Result<RunLook> Look(const std::string& id, OutputPosition seen,
                                     std::int64_t max_bytes) = 0;

  /// What is queued now. Reads the whole queue: not for every request.
  virtual base::Result<QueueLoad> MeasureQueue() = 0;

  /// How many bytes all finished runs occupy, with their programs and output, and all keys of
  /// submissions, about as the store keeps them. Cheap.
  virtual base::Result<std::int64_t> StoredBytes() = 0;

  /// Newest first, without source, stdin, arguments, files, outputs and displays; at most `limit`.
  virtual base::Result<std::vector<domain::Run>> List(const ListQuery& query) = 0;

  /// Cancels a queued run at once, records the wish for the controller when the run is active, and
  /// leaves a terminal one as it is. Returns the status afterwards. Errors: kNotFound.
  virtual base::Result<domain::RunStatus> RequestCancel(const std::string& id) = 0;

  /// Adds a piece to the input of an active run that was submitted with `stdin_open`. `seq` is its
  /// number, from 0, or nothing for the next one. The same piece with the same number again changes
  /// nothing. Errors: kNotFound.
  virtual base::Result<StdinAnswer> AddStdin(const std::string& id, std::optional<int> seq,
                                             const domain::StdinPiece& piece,
                                             const StdinBounds& bounds) = 0;

  /// Deletes a finished run and its output; while it is shared, for all but those who read it
  /// through GetShare and then Look. Errors: kNotFound; kConflict while it is active.
  virtual base::Status Delete(const std::string& id) = 0;

  /// Shares a finished run: it is kept until the share expires or is revoked, whatever its age and
  /// size. Errors: kNotFound (that run), kConflict (the run is active), kAlreadyExists (that id).
  virtual base::Result<Shared> CreateShare(const NewShare& share, const ShareBounds& bounds) = 0;

  /// Errors: kNotFound, also when it has expired.
  virtual base::Result<Share> GetShare(const std::string& id) = 0;

  /// Revokes a share; a run that was deleted goes with its last one. Errors: kNotFound.
  virtual base::Status DeleteShare(const std::string& id) = 0;

  // --- controller; every write is fenced: kConflict means that this epoch is over, or the attempt
  // is no longer current, or has another Job ---

  /// Takes leadership: every older epoch's writes fail from now on. Returns the new epoch, which is
  /// greater than every one before, also when the database lost the last ones in a failover.
  virtual base::Result<std::int64_t> TakeEpoch(const std::string& holder) = 0;

  /// Ties due runs to Jobs in the order of the queue: status starting, attempt + 1, Job name
  /// recorded, in one transaction. Runs that fit the pool get its Jobs first; others, those that
  /// avoid a node, and what is left over, the cold slots. May take fewer than there is room for
  /// when a submitter reaches its bound with it; the next call then takes others'. Nothing is
  /// claimed when nothing is due or the epoch is over. Errors: kAlreadyExists (a waiting Job was
  /// tied or retired before; nothing was claimed). Repeating after kUnknownOutcome is safe: what
  /// was claimed is found by AdoptActive.
  virtual base::Result<ClaimResult> Claim(std::int64_t epoch, const ClaimRequest& request) = 0;

  /// Takes over every active run that an older epoch claimed, and returns those of this epoch
  /// besides that are not among `known_run_ids`: a claim or an adoption whose answer was lost.
  /// `known_run_ids` must contain what a claim of this epoch has returned by now. Called with every
  /// sweep, because an older leader's last claim may commit late. Errors: kConflict (this epoch is
  /// over).
  virtual base::Result<std::vector<ClaimedRun>> AdoptActive(
      std::int64_t epoch, const std::vector<std::string>& known_run_ids) = 0;

  /// Which of these Jobs belong, or once belonged, to a run, or were retired. They must never be
  /// given to another run.
  virtual base::Result<std::vector<std::string>> ClaimedJobs(
      const std::vector<std::string>& job_names) = 0;

  /// Permission to destroy Jobs: those of the names that no active run's current attempt holds. A
  /// name that was never tied to a run is retired for ever: no claim can take it any more. Errors:
  /// kConflict (this epoch is over; nothing was retired).
  virtual base::Result<std::vector<std::string>> Retire(
      std::int64_t epoch, const std::vector<std::string>& job_names) = 0;

  /// How many pieces of input these runs have got.
  virtual base::Result<std::map<std::string, int>> NextStdin(
      const std::vector<std::string>& run_ids) = 0;

  /// The pieces of input of a run, in their order, from number `seq` on.
  virtual base::Result<std::vector<domain::StdinPiece>> ReadStdin(const std::string& run_id,
                                                                  int seq) = 0;

  /// Ids of active runs that are to be cancelled.
  virtual base::Result<std::vector<std::string>> ListCancelRequested(std::int64_t epoch) = 0;

  /// Stores what became known of an attempt. Its records are stored when the first of them has the
  /// number of the first one that is not stored; otherwise none is. Returns the number of the first
  /// record that is not stored now: the caller goes on from there. Errors: kInvalidArgument (the
  /// records' numbers do not follow one another).
  virtual base::Result<std::int64_t> RecordProgress(std::int64_t epoch, const AttemptRef& attempt,
                                                    const Progress& progress) = 0;

  /// Ends the run: its last progress and its outcome in one transaction. Returns what
  /// RecordProgress does. The run has ended exactly when that is the number after the last record
  /// given (all of which may have been stored before), or no record was given; otherwise nothing
  /// has changed. When the run had ended with this attempt already, nothing changes, and the run
  /// keeps its outcome. Errors as RecordProgress.
  virtual base::Result<std::int64_t> Finish(std::int64_t epoch, const AttemptRef& attempt,
                                            const Progress& progress,
                                            const domain::Outcome& outcome) = 0;

  /// Gives an attempt up. Returns the status afterwards, also when it was given up before.
  ///
  /// The run is queued again without its output, and `message` tells why. If the program may have
  /// begun, an attempt is spent, which `interruptions` tells, and the next one avoids the node; the
  /// run ends with `error` when `max_attempts` are spent. Otherwise it ends with `error` when
  /// `queue_timeout` has passed since the first claim after which no program has begun. A run that
  /// is to be cancelled ends as cancelled instead.
  virtual base::Result<domain::RunStatus> Interrupt(std::int64_t epoch, const AttemptRef& attempt,
                                                    const Interruption& interruption,
                                                    const RetryLimits& limits) = 0;

  /// Deletes runs that finished longer than `age` ago and are not shared, at most `limit` of them,
  /// and fewer when they are large; returns how many: 0 when there are no more. Besides, forgets
  /// what nobody asks for any more: expired shares, old keys, retired Jobs, idle submitters.
  virtual base::Result<std::int64_t> DeleteFinishedOlderThan(base::Milliseconds age, int limit) = 0;

  /// Deletes finished runs that are not shared and keys of submissions, the oldest first, until the
  /// others occupy at most `bytes` (see StoredBytes), in the same steps as DeleteFinishedOlderThan.
  virtual base::Result<std::int64_t> DeleteFinishedBeyond(std::int64_t bytes, int limit) = 0;

  /// Succeeds when the database can be reached now.
  virtual base::Status Ping() = 0;
};

}  // namespace oneshot::store
