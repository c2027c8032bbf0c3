/// A pipe that an Outbox writes into, and the records that come out of it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/protocol/messages.h"
#include "images/python/runner/unique_fd.h"

namespace oneshot::runner {

class LinesPipe {
 public:
  LinesPipe();

  UniqueFd TakeWriteEnd() { return std::move(write_end_); }
  void CloseReadEnd() { read_end_.Reset(); }

  /// What is in the pipe now, as records; an unfinished line waits for the next call.
  std::vector<protocol::Record> Read();

  /// Whether a line has been read in part.
  bool IsInsideLine() const { return !unread_.empty(); }

 private:
  UniqueFd read_end_;
  UniqueFd write_end_;
  std::string unread_;
};

}  // namespace oneshot::runner
