#include "images/python/runner/files.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>

#include "images/python/runner/unique_fd.h"

namespace oneshot::runner {
namespace {

constexpr std::size_t kSmall = 64 * 1024;

}  // namespace

std::optional<std::string> ReadSmallFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string content(kSmall, '\0');
  file.read(content.data(), kSmall);
  if (file.bad()) return std::nullopt;
  content.resize(static_cast<std::size_t>(file.gcount()));
  return content;
}

std::optional<std::int64_t> NumberAfter(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (!line.starts_with(key)) continue;
    std::string_view rest = line.substr(key.size());
    rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(" \t")));
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error == std::errc()) return number;
  }
  return std::nullopt;
}

UniqueFd CreateReadOnlyFile(const std::string& path) {
  unlink(path.c_str());
  return UniqueFd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444));
}

bool WriteAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool WriteReadOnlyFile(const std::string& path, std::string_view content) {
  const UniqueFd file = CreateReadOnlyFile(path);
  return file && WriteAll(file.Get(), content);
}

std::optional<std::string> ReadWhole(int fd, std::size_t size) {
  std::string content(size, '\0');
  std::size_t length = 0;
  while (length < size) {
    const ssize_t got =
        pread(fd, content.data() + length, size - length, static_cast<off_t>(length));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    length += static_cast<std::size_t>(got);
  }
  return content;
}

std::int64_t UsedBytes(const std::string& directory) {
  struct statvfs file_system {};
  if (statvfs(directory.c_str(), &file_system) != 0) return 0;
  return static_cast<std::int64_t>((file_system.f_blocks - file_system.f_bfree) *
                                   file_system.f_frsize);
}

base::Error Failure(std::string_view what) {
  return {base::ErrorCode::kUnavailable, std::string(what) + ": " + std::strerror(errno)};
}

void SetNonBlocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

void Complain(std::string_view text) {
  const std::string line = "runner: " + std::string(text) + "\n";
  // Nobody is left to tell when this fails.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace oneshot::runner
