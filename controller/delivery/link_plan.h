#pragma once

#include <optional>

#include "controller/delivery/run_channel.h"
#include "controller/kube/objects.h"
#include "core/base/clock.h"

/// How to stay in touch with a runner; the same for a run and for a Job that waits. Pure.
namespace oneshot::delivery {

/// The runner answered within this time: it and its node live. A Job that waits gets a run only
/// then, because a dead node's attach stays open and silent.
inline constexpr base::Milliseconds kFreshness{10'000};

/// Pause before the attach is tried again after `failures` links in a row without an answer: short,
/// because a container starts within half a second and every try costs the kubelet a look; growing,
/// because some take long.
base::Milliseconds ConnectPause(int failures);

struct LinkSituation {
  base::MonotonicTime time{};
  const RunChannel::View& channel;
  const std::optional<kube::Pod>& pod;
  /// How long to wait with the first link since `first_since`, and with the others at least a part
  /// of it; nothing answers earlier.
  base::Milliseconds first_pause{0};
  RunChannel::Moment first_since;
  /// When the pod was first seen ended; its log may be unreadable for a while.
  RunChannel::Moment ended_since;
};

enum class LinkStep {
  kNothing,
  kConnect,
  /// Ask the runner to resume, to see that the link still reaches it.
  kAsk,
  /// The runner is dead: its pod's log may have what it did not get through.
  kReadLog,
  /// The runner is dead, and its log has been read.
  kExhausted,
};

struct LinkPlan {
  LinkStep step{LinkStep::kNothing};
  /// Look again after this.
  std::optional<base::Milliseconds> again;
};

LinkPlan PlanLink(const LinkSituation& now);

/// The runner answered on the present link, and not long ago.
bool IsFresh(const RunChannel::View& channel, base::MonotonicTime now);

}  // namespace oneshot::delivery
