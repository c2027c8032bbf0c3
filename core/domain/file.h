#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oneshot::domain {

/// A file that a program finds beside main.py, and cannot change.
struct File {
  /// Relative to main.py, with / between names. UTF-8.
  std::string path;
  /// Bytes.
  std::string content;

  bool operator==(const File&) const = default;
};

/// The same without its content, which is not needed to tell of it.
struct FileInfo {
  std::string path;
  std::int64_t bytes{0};

  bool operator==(const FileInfo&) const = default;
};

/// Longest path, and how many directories it may lead through: far below what the kernel allows
/// (PATH_MAX, 4,096 bytes), because each directory costs memory of the run.
inline constexpr std::size_t kMaxPathBytes = 512;
inline constexpr int kMaxPathNames = 8;
/// Of one name in a path: NAME_MAX of linux/limits.h.
inline constexpr std::size_t kMaxNameBytes = 255;

std::vector<FileInfo> InfoOf(const std::vector<File>& files);
std::int64_t BytesOf(const std::vector<File>& files);
std::int64_t BytesOf(const std::vector<FileInfo>& files);

/// What is wrong with a path, as a predicate of it; nothing when it leads to a place below the
/// program's directory.
std::optional<std::string> RelativePathFault(std::string_view path);
/// The same of a file that a program is to find: "main.py" is its own.
std::optional<std::string> PathFault(std::string_view path);

}  // namespace oneshot::domain
