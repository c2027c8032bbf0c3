#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/delivery/inbox.h"
#include "controller/kube/attach.h"
#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/domain/run.h"
#include "core/domain/stdin_piece.h"

namespace oneshot::delivery {

/// The line to one Job's runner: links (attaches) that are opened again when they break, one
/// request, the records that come back, and their acknowledgement. On each new link it asks the
/// runner to resume behind what is stored; the answer proves that the link reaches the runner and
/// tells whether it has the request. A waiting Job's channel exists before its run does.
/// Threads: any; `on_event` comes from the attach client's thread or from within EndLogRead, must
/// not block, and means "take a look".
class RunChannel {
 public:
  RunChannel(kube::AttachClient& attacher, const base::Clock& clock);
  ~RunChannel();
  RunChannel(const RunChannel&) = delete;
  RunChannel& operator=(const RunChannel&) = delete;

  enum class Link { kNone, kOpening, kOpen, kClosed };
  /// Empty: it did not happen.
  using Moment = std::optional<base::MonotonicTime>;

  /// What is known now.
  struct View {
    Link link{Link::kNone};
    base::MonotonicTime link_changed{};
    // The API server accepts a link before the kubelet does: only the runner's answer proves that
    // it reached the runner.

    /// Links in a row that brought no answer.
    int failures{0};
    /// When the runner was asked to resume on the present link and has not answered since.
    Moment asked_at;
    /// When anything was last heard on the present link after an answer.
    Moment heard_at;
    /// When the request was last written to a link that reached the runner: the program may have
    /// begun since.
    Moment delivered_at;
    /// Number of the first piece of input that was not written since the runner last had a chance
    /// to lose some. More than any while it has no run.
    int wants_stdin_from{std::numeric_limits<int>::max()};
    /// The acknowledgement of the end was written to a link that reached the runner.
    bool end_acknowledged{false};
    Inbox::Progress records;
    /// When the program's start was heard of.
    Moment started_at;
    /// When the oldest record came that is not stored.
    Moment unstored_since;
    std::size_t unstored_bytes{0};

    // Reading the pod's log.
    bool log_is_being_read{false};
    int log_reads{0};
    int log_failures{0};
    Moment log_read_at;
  };

  /// Opens a link (again). The former one is closed first.
  void Connect(const std::string& pod_name);
  /// Asks the runner again to resume, which shows whether the link still reaches it.
  void Ask();

  /// From now on the channel is for this attempt, of which the store has the records before
  /// `next_seq`. The request is written once AllowDelivery was called.
  void Expect(const protocol::RunCommand& command, std::int64_t next_seq);
  /// The request and `files`, which come before it, may be written, now and on each later link on
  /// which the runner says that it has no run; it takes the same one twice without harm.
  void AllowDelivery(const std::vector<domain::File>& files);
  /// What delivery makes it hold of files, until the program's start is heard of.
  std::size_t HeldFileBytes() const;
  /// The request is not written any more. Returns false when it has been written.
  bool RevokeDelivery();

  void SendCancel();
  /// Writes pieces of input, of which the first has the number `seq`. Those that the runner has not
  /// acknowledged when the link breaks are wanted again.
  void SendStdin(int seq, const std::vector<domain::StdinPiece>& pieces);

  /// A reading of the pod's log begins. At most one is under way.
  void BeginLogRead();
  void EndLogRead(const base::Result<std::string>& log);
  /// The runner's termination message.
  void AddTerminationMessage(const std::string& message);

  View Look() const;
  /// What came and is not stored, oldest first.
  std::vector<domain::OutputRecord> Unstored() const;
  /// The store has all records before `next_seq`: they are acknowledged and forgotten.
  void Stored(std::int64_t next_seq);
  /// The store has the end: it is acknowledged, and the runner leaves.
  void StoredEnd();

  /// From now on events go to `on_event`: a waiting Job's channel changes hands when it is claimed.
  void SetOnEvent(std::function<void()> on_event);

 private:
  struct State {
    std::shared_ptr<kube::AttachConnection> connection;
    Inbox inbox;
    View view;
    /// Lines that come before the request.
    std::vector<std::string> files;
    /// Empty: no run yet.
    std::string request;
    bool may_deliver{false};
    /// The runner said that it has no run, and nothing was written since.
    bool wants_run{false};
    std::function<void()> on_event;
  };
  /// Runs `change` on the state, says to the runner what became necessary, brings the view up to
  /// date, then tells the owner.
  void Update(const std::function<void(State&)>& change);
  void Answer(State& state) const;
  void Refresh(State& state) const;
  void SendResume(State& state) const;
  static void Send(State& state, const protocol::Command& command);

  kube::AttachClient& attacher_;
  const base::Clock& clock_;
  mutable base::Guarded<State> state_;
};

}  // namespace oneshot::delivery
