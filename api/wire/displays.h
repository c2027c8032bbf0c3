#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/domain/run.h"

namespace oneshot::api::wire {

/// Where a run is read.
std::string RunAddress(const std::string& run_id);

/// What a program shows, as clients are told of it, as a JSON object: everything but its bytes, and
/// the address where those are. `address` is that of its run, or of a share.
std::string DisplayToJson(const std::string& address, const domain::Display& display);
/// The same of a file that came back.
std::string OutputFileToJson(const std::string& address, const domain::Display& file);

/// Puts the bytes of a display together from the records of its run.
class DisplayReader {
 public:
  /// `display` must outlive it.
  explicit DisplayReader(const domain::Display& display) : display_(display) {
    bytes_.reserve(static_cast<std::size_t>(display.bytes));
  }

  /// Records in their order, from the display's first one on; others are ignored.
  void Take(const std::vector<domain::OutputRecord>& records);
  /// All records have come that the display is said to be in.
  bool IsDone() const { return next_seq() > display_.last_seq; }
  /// They are as long as the display.
  bool IsWhole() const { return IsDone() && std::ssize(bytes_) == display_.bytes; }

  std::int64_t next_seq() const { return display_.first_seq + taken_; }
  std::string Finish() && { return std::move(bytes_); }

 private:
  const domain::Display& display_;
  std::string bytes_;
  std::int64_t taken_{0};
};

}  // namespace oneshot::api::wire
