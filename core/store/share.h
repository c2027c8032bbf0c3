#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/domain/run.h"

namespace oneshot::store {

/// A finished run is to be readable for whoever knows `id`.
struct NewShare {
  /// Nobody can guess it.
  std::string id;
  std::string run_id;
  /// Of the word with which the share can be revoked.
  std::string token_hash;
  /// As in Submission.
  std::string submitter;
  base::Milliseconds lifetime{0};
};

/// What all shares may be.
struct ShareBounds {
  /// Of one submitter.
  std::int64_t per_submitter{100};
  /// What shared runs may occupy (see RunStore::StoredBytes), each once, and kShareBytes for each
  /// share.
  std::int64_t bytes{268'435'456};
};
enum class ShareBound { kPerSubmitter, kBytes };

/// About what the row and the indexes of a share occupy.
inline constexpr std::int64_t kShareBytes = 1024;

/// What became of a NewShare.
struct Shared {
  /// Nothing was made because of it.
  std::optional<ShareBound> exceeded{};
  base::WallTime created_at{};
  base::WallTime expires_at{};
};

/// The run and what else is known of a share. A finished run does not change, and one that is
/// shared is kept.
struct Share {
  domain::Run run;
  std::string token_hash;
  base::WallTime created_at{};
  base::WallTime expires_at{};
};

}  // namespace oneshot::store
