/// Small reads and writes of whole files, for /proc, the cgroup and the program's source.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "images/python/runner/unique_fd.h"

namespace oneshot::runner {

/// The beginning of the file, at most 64 KiB; nothing when it can't be read.
std::optional<std::string> ReadSmallFile(const std::string& path);

/// The first number that stands alone behind `key` at the beginning of a line, as in
/// /proc/<pid>/status and cgroup files.
std::optional<std::int64_t> NumberAfter(std::string_view text, std::string_view key);

/// Replaces the file by an empty one that everybody may read, and that only who has the result may
/// write. Empty when that fails; errno tells why.
UniqueFd CreateReadOnlyFile(const std::string& path);

/// `size` bytes from its beginning; nothing when they cannot be read.
std::optional<std::string> ReadWhole(int fd, std::size_t size);

/// False when that fails; errno tells why.
bool WriteAll(int fd, std::string_view content);

/// Both.
bool WriteReadOnlyFile(const std::string& path, std::string_view content);

/// Bytes in use on the file system that holds `directory`; 0 when that can't be told.
std::int64_t UsedBytes(const std::string& directory);

/// kUnavailable: `what` could not be done, for the reason in errno.
base::Error Failure(std::string_view what);

/// Sets O_NONBLOCK, which descriptors from the container runtime do not have.
void SetNonBlocking(int fd);

/// One line on the runner's stderr, with the prefix that tells it from a program's output.
void Complain(std::string_view text);

}  // namespace oneshot::runner
