#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/wire/output.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/domain/run.h"

namespace oneshot::api::wire {

/// What a run object says of the output: nothing, each stream, or both in their order.
using RunOutput = std::variant<std::monostate, SeparateOutput, MergedOutput>;

/// A run and what its record alone does not tell.
struct RunView {
  domain::Run run;
  RunOutput output{};
  /// 1 for the run that is next.
  std::optional<std::int64_t> queue_position{};
  /// As in store::RunLook.
  std::optional<base::Milliseconds> starts_in{};
  /// Where it is read as a share; empty: it is read as a run. A share does not name its Job and
  /// nodes.
  std::string share_address{};
};

/// The run object of the contract, one line. Facts that are not known (yet) are null; bytes of the
/// output that are not UTF-8 become U+FFFD.
std::string RunToJson(const RunView& view, const std::string& job_namespace);

/// The page object: `runs`, newest first, without output, and `next_cursor`.
std::string RunsToJson(const std::vector<domain::Run>& runs, const std::string& job_namespace,
                       const std::optional<std::string>& next_cursor);

/// The submission object of the contract: as a POST of it would be taken, with every limit spelled
/// out.
/// The answer to a piece of input.
std::string NextStdinToJson(int next_seq);

std::string SubmissionToJson(const domain::RunSpec& spec);

/// A place in the list of runs, as clients carry it: opaque, so that it may mean something else
/// tomorrow.
std::string EncodeCursor(const std::string& run_id);

/// The run id; nothing when the text is not one of our cursors.
std::optional<std::string> DecodeCursor(std::string_view cursor);

/// The environment object: what the image's build wrote down about itself (`facts`, a JSON object
/// with python and packages), the image's name and the limits. Errors: kInvalidArgument (`facts` is
/// not a JSON object).
base::Result<std::string> EnvironmentToJson(std::string_view facts, const std::string& image,
                                            const domain::LimitPolicy& policy);

/// RFC 3339 in UTC with milliseconds: `2026-11-23T05:00:00.123Z`.
std::string FormatTime(base::WallTime time);

}  // namespace oneshot::api::wire
