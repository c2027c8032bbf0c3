#include "core/domain/file.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "core/base/utf8.h"

namespace oneshot::domain {
namespace {

/// C0 controls and DEL; a backslash is a separator to some, and a name to others.
bool IsUnwanted(unsigned char c) { return c < 0x20 || c == 0x7F || c == '\\'; }

}  // namespace

std::vector<FileInfo> InfoOf(const std::vector<File>& files) {
  std::vector<FileInfo> infos;
  for (const File& file : files) infos.push_back({file.path, std::ssize(file.content)});
  return infos;
}

std::int64_t BytesOf(const std::vector<File>& files) { return BytesOf(InfoOf(files)); }

std::int64_t BytesOf(const std::vector<FileInfo>& files) {
  return std::accumulate(
      files.begin(), files.end(), std::int64_t{0},
      [](std::int64_t bytes, const FileInfo& file) { return bytes + file.bytes; });
}

std::optional<std::string> RelativePathFault(std::string_view path) {
  if (path.empty()) return "must not be empty";
  if (path.size() > kMaxPathBytes)
    return "must have at most " + std::to_string(kMaxPathBytes) + " bytes";
  if (!base::IsValidUtf8(path)) return "must be valid UTF-8";
  if (std::ranges::any_of(path, IsUnwanted))
    return "must not contain control characters or backslashes";
  if (path.front() == '/') return "must be relative to the program's directory";
  int names = 0;
  while (true) {
    const std::string_view name = path.substr(0, path.find('/'));
    if (++names > kMaxPathNames)
      return "must have at most " + std::to_string(kMaxPathNames) + " names";
    if (name.empty() || name == "." || name == "..")
      return "must not contain an empty name, . or ..";
    if (name.size() > kMaxNameBytes)
      return "must not contain a name of more than " + std::to_string(kMaxNameBytes) + " bytes";
    if (name.size() == path.size()) return std::nullopt;
    path.remove_prefix(name.size() + 1);
  }
}

std::optional<std::string> PathFault(std::string_view path) {
  if (path == "main.py") return "must not be main.py, which is the program";
  return RelativePathFault(path);
}

}  // namespace oneshot::domain
