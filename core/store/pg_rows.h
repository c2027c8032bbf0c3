#pragma once

#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "core/domain/run.h"

/// Rows to values and back, for this folder's .cpp files only: the one header that shows libpqxx.
namespace oneshot::store {

/// Columns of a run without source, stdin and args; `attempts` must be joined as `a`, `runs` named
/// `r`.
inline constexpr const char* kRunColumns =
    "r.id, r.status, r.attempt, r.cancel_requested, r.wall_ms_limit, r.cpu_ms_limit, r.memory_mib, "
    "r.output_bytes_limit,"
    " r.scratch_mib, r.reason, r.message, r.exit_code, r.signal, r.stdout_bytes, "
    "r.stdout_dropped_bytes, r.stderr_bytes,"
    " r.stderr_dropped_bytes, r.wall_ms, r.cpu_ms, r.peak_memory_bytes, r.output_incomplete,"
    " (extract(epoch FROM r.created_at) * 1000000)::bigint AS created_us,"
    " (extract(epoch FROM r.claimed_at) * 1000000)::bigint AS claimed_us,"
    " (extract(epoch FROM r.started_at) * 1000000)::bigint AS started_us,"
    " (extract(epoch FROM r.finished_at) * 1000000)::bigint AS finished_us,"
    " a.job_name, a.pod, a.pod_uid, a.node, a.image";
inline constexpr const char* kSpecColumns = ", r.source, r.stdin, r.args";

/// Reads kRunColumns, and kSpecColumns when they are there.
domain::Run ReadRun(const pqxx::row& row);

/// Columns seq, stream, ms, data, dropped_bytes, mime, part, parts.
domain::OutputRecord ReadRecord(const pqxx::row& row);

/// Microseconds since 1970, for to_timestamp($n / 1e6).
std::int64_t ToMicroseconds(base::WallTime time);

std::string EncodeArgs(const std::vector<std::string>& args);

/// Output records as array literals, one for each column, so that one statement stores them all.
struct RecordArrays {
  explicit RecordArrays(const std::vector<domain::OutputRecord>& records);
  std::string seq, stream, ms, data, dropped_bytes, mime, part, parts;
};

}  // namespace oneshot::store
