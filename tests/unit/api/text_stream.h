#pragma once

#include <string>
#include <string_view>

#include "api/http/responder.h"

namespace oneshot::test {

/// A stream whose client takes everything at once, or nothing. Threads: one.
class TextStream final : public api::http::Stream {
 public:
  bool Write(std::string_view bytes) override {
    if (is_over) return false;
    text += bytes;
    if (reads_nothing) pending += bytes.size();
    return true;
  }
  std::size_t Pending() const override { return pending; }
  void Close() override { is_over = true; }
  void Abort() override {
    is_aborted = is_aborted || !is_over;
    is_over = true;
  }
  bool IsOver() const override { return is_over; }

  std::string text;
  std::size_t pending{0};
  bool reads_nothing{false};
  bool is_over{false};
  bool is_aborted{false};
};

}  // namespace oneshot::test
