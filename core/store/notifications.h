#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/base/clock.h"

namespace oneshot::store {

// NOTIFY channels. A notification is a hint that saves waiting for the next sweep. It may be lost
// and must never be needed.

/// There is something to claim or to cancel. No payload.
inline constexpr const char* kQueueChannel = "oneshot_queue";
/// Runs that have changed. Payload: their ids, separated by spaces.
inline constexpr const char* kChangesChannel = "oneshot_changes";

/// Sends notifications from a thread and a connection of its own, apart from the transactions that
/// cause them, because NOTIFY serialises commits across the database. What is notified while one is
/// being sent is sent together afterwards. Threads: any; Notify never blocks.
class Notifier {
 public:
  virtual ~Notifier() = default;
  /// `run_id` may be empty (a bare wake-up).
  virtual void Notify(const std::string& channel, const std::string& run_id) = 0;
};

/// Called on the listener's thread; must not block.
struct ListenHandlers {
  std::function<void(const std::vector<std::string>& run_ids)> on_notification;
  /// The connection is new. Anything may have happened before: look at everything once.
  std::function<void()> on_connected;
};

// Both open their connection again when it is lost, and log one warning for each such outage. A
// server that answers nothing for `call_timeout` counts as lost.

std::unique_ptr<Notifier> MakePgNotifier(const std::string& database_url,
                                         base::Milliseconds call_timeout);
/// The thread listens on one channel until it is destroyed. It asks the server now and then whether
/// it is there, because a connection that only listens does not notice.
std::jthread MakePgListener(const std::string& database_url, const std::string& channel,
                            ListenHandlers handlers, base::Milliseconds call_timeout);

}  // namespace oneshot::store
