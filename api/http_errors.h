#pragma once

#include <string>
#include <vector>

#include "api/http/problem.h"
#include "api/queue_gate.h"
#include "core/base/error.h"
#include "core/domain/fault.h"
#include "core/store/stdin.h"

namespace oneshot::api {

/// The only place where errors become HTTP. Codes are part of the contract (schemas.yaml,
/// ProblemCode).

/// An error of the store about the run that the request names. Its message is for the log, not for
/// users.
http::Problem ToProblem(const base::Error& error);

/// The run shows nothing of that number, or it was lost.
http::Problem DisplayNotFound();
http::Problem OutputFileNotFound();
http::Problem RunActive();
http::Problem RunEnded();
/// Reading the files of runs takes memory.
http::Problem TooManyFileReads();
/// The run was not submitted with `stdin_open`.
http::Problem StdinNotOpen();
/// The end of the input has been sent.
http::Problem StdinEnded();
/// The piece has not the number of the next one.
http::Problem StdinOutOfOrder(int next_seq);
http::Problem StdinTooLarge(const store::StdinBounds& bounds);
http::Problem StdinEmpty();
/// Only what has ended can be shared.
http::Problem RunActiveYet();
/// There is none, it has expired, or it was revoked.
http::Problem ShareNotFound();
http::Problem WrongRevokeToken();
/// One client has as many shares as it may have.
http::Problem TooManyShares(std::int64_t limit);
/// Shared runs have no room for another one.
http::Problem SharesFull(std::int64_t bytes);
/// 413 when the body is too large, else 422.
http::Problem InvalidShare(const std::vector<domain::Fault>& faults);
/// The queue has no room for a run, by this bound.
http::Problem QueueFull(QueueBound exceeded, const QueueBounds& bounds);
/// An Idempotency-Key has at most as many characters.
inline constexpr std::size_t kMaxIdempotencyKey = 255;
/// One of `size` characters is too long, or has characters that are not visible ASCII.
http::Problem InvalidIdempotencyKey(std::size_t size);
http::Problem IdempotencyKeyReused();
http::Problem RunOfKeyDeleted(const std::string& run_id);
http::Problem UnsupportedMediaType(const std::string& content_type, const std::string& expected);
http::Problem MalformedJson(const std::string& detail);
/// 413 when a part is too large and nothing else is wrong, else 422. Lists the faults; `has_more`
/// says that there may be others.
http::Problem InvalidRun(const std::vector<domain::Fault>& faults, bool has_more);
http::Problem InvalidQuery(std::vector<http::ProblemError> errors);

}  // namespace oneshot::api
