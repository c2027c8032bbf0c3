#pragma once

#include <semaphore>
#include <string>

#include "api/options.h"
#include "api/queue_gate.h"
#include "api/queue_positions.h"
#include "api/run_watch.h"
#include "core/base/clock.h"
#include "core/store/notifications.h"
#include "core/store/run_store.h"

namespace oneshot::api {

/// What handlers work with. It does not change while requests are served, and everything in it may
/// be used from any thread.
struct Context {
  const Options& options;
  store::RunStore& store;
  store::Notifier& notifier;
  RunWatch& watch;
  QueueGate& queue_gate;
  QueuePositions& queue_positions;
  /// See FileRead.
  std::counting_semaphore<>& file_reads;
  const base::Clock& clock;
  const std::string environment_json;
};

/// Whoever reads the files of a run, which may be large, has one of these for as long, and may not
/// when others have them all.
class FileRead {
 public:
  explicit FileRead(Context& context)
      : reads_(context.file_reads), is_allowed_(reads_.try_acquire()) {}
  FileRead(const FileRead&) = delete;
  FileRead& operator=(const FileRead&) = delete;
  ~FileRead() {
    if (is_allowed_) reads_.release();
  }
  bool is_allowed() const { return is_allowed_; }

 private:
  std::counting_semaphore<>& reads_;
  const bool is_allowed_;
};

}  // namespace oneshot::api
