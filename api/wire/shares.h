#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/domain/fault.h"

namespace oneshot::api::wire {

/// Which run is to be shared.
struct ShareRequest {
  /// As in Submission.
  std::string malformed;
  std::vector<domain::Fault> faults;
  std::string run_id;
};

/// A request has no need to be longer.
inline constexpr std::size_t kMaxShareRequest = 1024;

/// Reads `{run_id}`, with as little patience as DecodeSubmission.
ShareRequest DecodeShareRequest(std::string_view body);

/// What is told of a share.
struct ShareFacts {
  std::string id;
  base::WallTime created_at{};
  base::WallTime expires_at{};
};

/// Where it is read.
std::string ShareAddress(const std::string& id);

/// The object that is given once, to who made it.
std::string NewShareToJson(const ShareFacts& share, const std::string& run_id,
                           const std::string& revoke_token);

/// The share object; `run_json` is the run object.
std::string ShareToJson(const ShareFacts& share, const std::string& run_json);

}  // namespace oneshot::api::wire
