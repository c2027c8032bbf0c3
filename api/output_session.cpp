#include "api/output_session.h"

#include <utility>

#include "api/output_page.h"

namespace oneshot::api {

using Next = RunWatch::Next;

std::string BytesOf(const std::vector<domain::OutputRecord>& records, domain::Stream which) {
  std::string bytes;
  for (const domain::OutputRecord& record : records) {
    for (const domain::OutputPiece& piece : record.pieces) {
      if (piece.stream == which) bytes += piece.data;
    }
  }
  return bytes;
}

OutputSession::OutputSession(store::RunStore& store, const base::Clock& clock, std::string run_id,
                             domain::Stream which, std::shared_ptr<http::Stream> stream)
    : store_(store), run_id_(std::move(run_id)), which_(which), stream_(clock, std::move(stream)) {}

OutputSession::~OutputSession() { stream_.Abort(); }

Next OutputSession::Look() {
  while (true) {
    switch (stream_.Look()) {
      case PacedStream::Client::kIsLost:
        return Next::kDone;
      case PacedStream::Client::kIsBusy:
        return Next::kSoon;
      case PacedStream::Client::kReads:
        break;
    }
    const auto look = store_.Look(run_id_, seen_, kOutputPageBytes);
    if (!look) {
      const bool is_hopeless = look.error().code == base::ErrorCode::kNotFound ||
                               stream_.Silence() > PacedStream::kPatience;
      return is_hopeless ? Next::kDone : Next::kWait;
    }
    // The attempt was interrupted, and what was sent of it is void.
    const bool is_void = seen_.seq >= 0 && (look->attempt != seen_.attempt ||
                                            look->status == domain::RunStatus::kQueued);
    if (is_void) return Next::kDone;
    seen_.attempt = look->attempt;
    if (!look->output.empty()) {
      seen_.seq = look->output.back().seq;
      const std::string bytes = BytesOf(look->output, which_);
      if (!bytes.empty()) stream_.Write(bytes);
    }
    if (look->has_more) continue;
    // Now, because whoever waits for this look to be done may abort what is not closed.
    stream_.Close();
    return Next::kDone;
  }
}

}  // namespace oneshot::api
