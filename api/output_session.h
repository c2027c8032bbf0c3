#pragma once

#include <memory>
#include <string>

#include "api/paced_stream.h"
#include "api/run_watch.h"
#include "core/store/run_store.h"

namespace oneshot::api {

/// Sends one client the bytes of one of a run's streams: those that are stored by the time it has
/// read them, which is all of them when the run has ended.
///
/// A client costs PacedStream::kMaxPending and a page, however much there is to read. A body that
/// ends early is aborted, so that nobody takes it for the whole. Threads: one look at a time
/// (RunWatch sees to that).
class OutputSession {
 public:
  /// `store` and `clock` must outlive it.
  OutputSession(store::RunStore& store, const base::Clock& clock, std::string run_id,
                domain::Stream which, std::shared_ptr<http::Stream> stream);
  ~OutputSession();

  /// A program that ends does not change anything: what is under way is finished, as long as it
  /// waits for that.
  RunWatch::Next Look();

 private:
  store::RunStore& store_;
  const std::string run_id_;
  const domain::Stream which_;
  PacedStream stream_;
  // What was read from the store; attempt 0 is before the first look.
  store::OutputPosition seen_;
};

/// The bytes that `records` have of one stream.
std::string BytesOf(const std::vector<domain::OutputRecord>& records, domain::Stream which);

}  // namespace oneshot::api
