#include "controller/delivery/link_plan.h"

#include <algorithm>

namespace oneshot::delivery {
namespace {

using base::Milliseconds;
using kube::ContainerState;

// Between two signs of life. Two of them fit into kFreshness.
constexpr Milliseconds kAskInterval{4'000};
// A link without an answer for so long does not reach the runner.
constexpr Milliseconds kAnswerPatience{5'000};
// The kubelet may report the end before the log's last bytes are readable.
constexpr int kLogReads = 2;
constexpr Milliseconds kLogPause{1'000};
// A log that cannot be read may be readable once the node's container runtime is back.
constexpr Milliseconds kLogPatience{60'000};
constexpr Milliseconds kLongestLogPause{5'000};

Milliseconds Between(base::MonotonicTime start, base::MonotonicTime end) {
  return Milliseconds(base::MillisecondsBetween(start, end));
}

LinkPlan AfterPause(LinkStep step, Milliseconds waited, Milliseconds pause) {
  if (waited >= pause) return {.step = step, .again = {}};
  return {.step = LinkStep::kNothing, .again = pause - waited};
}

LinkPlan PlanLog(const LinkSituation& now) {
  const RunChannel::View& channel = now.channel;
  // Only a container that ran has a log.
  const bool has_log = now.pod->container.kind == ContainerState::Kind::kTerminated;
  const bool is_patience_over =
      now.ended_since && Between(*now.ended_since, now.time) >= kLogPatience;
  if (!has_log || channel.log_reads >= kLogReads)
    return {.step = LinkStep::kExhausted, .again = {}};
  // Its end is an event.
  if (channel.log_is_being_read) return {};
  if (is_patience_over) return {.step = LinkStep::kExhausted, .again = {}};
  if (!channel.log_read_at) return {.step = LinkStep::kReadLog, .again = {}};
  const Milliseconds pause = std::min(kLogPause * (channel.log_failures + 1), kLongestLogPause);
  return AfterPause(LinkStep::kReadLog, Between(*channel.log_read_at, now.time), pause);
}

}  // namespace

Milliseconds ConnectPause(int failures) {
  constexpr Milliseconds kFirst{15};
  constexpr Milliseconds kLongest{500};
  Milliseconds pause = kFirst;
  for (int i = 1; i < failures && pause < kLongest; ++i)
    pause += std::max(pause / 4, Milliseconds(1));
  return std::min(pause, kLongest);
}

LinkPlan PlanLink(const LinkSituation& now) {
  const RunChannel::View& channel = now.channel;
  const auto& pod = now.pod;
  if (!pod || !pod->scheduled) return {};
  if (HasEnded(*pod)) return PlanLog(now);
  switch (channel.link) {
    case RunChannel::Link::kOpening:
      // The attach client has a deadline for it.
      return {};
    case RunChannel::Link::kOpen: {
      if (channel.asked_at) {
        const auto since = std::max(*channel.asked_at, channel.link_changed);
        return AfterPause(LinkStep::kConnect, Between(since, now.time), kAnswerPatience);
      }
      const auto since = channel.heard_at.value_or(channel.link_changed);
      LinkPlan plan = AfterPause(LinkStep::kAsk, Between(since, now.time), kAskInterval);
      // Silence is no event.
      if (plan.step == LinkStep::kAsk) plan.again = kAnswerPatience;
      return plan;
    }
    case RunChannel::Link::kClosed: {
      // Where starts take long, being late by a little of it matters as little.
      const Milliseconds pause = std::max(ConnectPause(channel.failures), now.first_pause / 16);
      return AfterPause(LinkStep::kConnect, Between(channel.link_changed, now.time), pause);
    }
    case RunChannel::Link::kNone:
      break;
  }
  // A status that says more than "scheduled" comes late, but then nothing is to be waited for.
  if (!now.first_since || pod->container.kind == ContainerState::Kind::kRunning)
    return {.step = LinkStep::kConnect, .again = {}};
  return AfterPause(LinkStep::kConnect, Between(*now.first_since, now.time), now.first_pause);
}

bool IsFresh(const RunChannel::View& channel, base::MonotonicTime now) {
  return channel.link == RunChannel::Link::kOpen && channel.heard_at &&
         Between(*channel.heard_at, now) <= kFreshness;
}

}  // namespace oneshot::delivery
