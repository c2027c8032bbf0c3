#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/delivery/record_merger.h"
#include "controller/kube/attach.h"
#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/domain/run.h"

namespace oneshot::delivery {

/// Pause before the attach is tried again after `failures` refusals in a row: short, because a
/// container starts within half a second and every try costs the kubelet a look; growing, because
/// some take long.
base::Milliseconds ConnectPause(int failures);

/// The line to one Job's runner: an attach that is opened early and opened again when it breaks,
/// one request, and the records that come back. A warm Job's channel exists before its run does.
/// Threads: any; `on_event` comes from the attach client's thread or from within AddLog, must not
/// block, and means "take a look".
class RunChannel {
 public:
  RunChannel(kube::AttachClient& attacher, const base::Clock& clock);
  ~RunChannel();
  RunChannel(const RunChannel&) = delete;
  RunChannel& operator=(const RunChannel&) = delete;

  enum class Link { kNone, kOpening, kOpen, kClosed };

  /// What is known now.
  struct View {
    Link link{Link::kNone};
    base::MonotonicTime link_changed{};
    // The API server accepts before the kubelet does: only bytes from the runner prove that a link
    // reached it.

    /// Links that the API server accepted.
    int opens{0};
    /// The runner was heard on the present link.
    bool heard{false};
    /// Links before the present one on which the runner was heard.
    int heard_before{0};
    /// Links in a row on which it was not.
    int failures{0};
    /// When the request was written to an attach that was open, or about to be.
    std::optional<base::MonotonicTime> delivered_at;
    RecordMerger::Progress records;
    /// When the program's start was heard of.
    std::optional<base::MonotonicTime> started_at;
    /// Of the oldest record that was not taken.
    std::optional<base::MonotonicTime> fresh_since;
  };

  /// Opens the attach (again). The former one is closed first.
  void Connect(const std::string& pod_name);

  /// Sends the request now, and at every later Connect until the runner said that it started; the
  /// runner refuses a second one, so a repetition is harmless.
  void Deliver(const protocol::RunCommand& command);

  /// Sends the request once more, for one that may have been lost on the way.
  void Redeliver();

  void SendCancel();

  /// What the pod log holds, from its beginning.
  void AddLog(const std::string& log);

  View Look() const;
  std::vector<domain::OutputRecord> TakeFresh();
  /// What was taken and could not be stored, to be taken again.
  void PutBack(std::vector<domain::OutputRecord> records);

  /// From now on events go to `on_event`: a warm Job's channel changes hands when it is claimed.
  void SetOnEvent(std::function<void()> on_event);

 private:
  struct State {
    std::shared_ptr<kube::AttachConnection> connection;
    RecordMerger merger;
    View view;
    /// Empty: no run yet.
    std::string request;
    std::function<void()> on_event;
  };
  /// Runs `change` on the state, brings the view up to date, then tells the owner.
  void Update(const std::function<void(State&)>& change);
  void Send(State& state) const;

  kube::AttachClient& attacher_;
  const base::Clock& clock_;
  mutable base::Guarded<State> state_;
};

}  // namespace oneshot::delivery
