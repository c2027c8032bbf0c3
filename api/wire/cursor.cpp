#include "api/wire/cursor.h"

#include "core/base/base64.h"
#include "core/domain/run_id.h"

namespace oneshot::api::wire {
namespace {

// With it a cursor has 27 bytes, so base64 needs no padding, and the characters of an id give
// neither '+' nor '/'.
constexpr char kBeforeRun = 'b';

}  // namespace

std::string EncodeCursor(const std::string& run_id) {
  return base::Base64Encode(kBeforeRun + run_id);
}

std::optional<std::string> DecodeCursor(std::string_view cursor) {
  const auto text = base::Base64Decode(cursor);
  if (!text || text->empty() || text->front() != kBeforeRun) return std::nullopt;
  const std::string run_id = text->substr(1);
  if (!domain::IsRunId(run_id)) return std::nullopt;
  return run_id;
}

}  // namespace oneshot::api::wire
