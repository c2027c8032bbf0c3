#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace oneshot::store {

/// NOTIFY channels. A notification is a hint that saves waiting for the next sweep; it may be lost,
/// never be needed.
inline constexpr const char* kQueueChannel =
    "oneshot_queue";  // something to claim or to cancel; no payload
inline constexpr const char* kChangesChannel =
    "oneshot_changes";  // payload: run ids, separated by spaces

/// Sends notifications from one thread and connection, apart from the transactions that cause them,
/// because a NOTIFY serialises commits database-wide. What comes in while one is being sent goes
/// out together with the next. Threads: any; Notify never blocks.
class Notifier {
 public:
  virtual ~Notifier() = default;
  /// `run_id` may be empty (a bare wake-up).
  virtual void Notify(const std::string& channel, const std::string& run_id) = 0;
};

/// Listens on one channel until destroyed. Calls come from the listener's one thread and must not
/// block.
struct ListenHandlers {
  std::function<void(const std::vector<std::string>& run_ids)> on_notification;
  /// The connection is new: anything may have happened before; look at everything once.
  std::function<void()> on_connected;
};

class Listener {
 public:
  virtual ~Listener() = default;
};

std::unique_ptr<Notifier> MakePgNotifier(const std::string& database_url);
std::unique_ptr<Listener> MakePgListener(const std::string& database_url,
                                         const std::string& channel, ListenHandlers handlers);

}  // namespace oneshot::store
