#include "images/python/runner/file_inbox.h"

#include <sys/stat.h>

#include <cerrno>
#include <iterator>
#include <utility>

#include "core/domain/file.h"
#include "images/python/runner/files.h"

namespace oneshot::runner {
namespace {

/// Those between `root` and the file that are not there yet.
bool MakeDirectories(const std::string& root, const std::string& path) {
  constexpr mode_t kDirectoryMode = 0755;
  for (std::size_t end = path.find('/'); end != std::string::npos; end = path.find('/', end + 1)) {
    const std::string directory = root + "/" + path.substr(0, end);
    if (mkdir(directory.c_str(), kDirectoryMode) != 0 && errno != EEXIST) return false;
  }
  return true;
}

}  // namespace

base::Status FileInbox::Take(const protocol::FileCommand& part) {
  if (part.offset == 0) {
    if (base::Status begun = Begin(part.path); !begun) return begun;
  }
  if (!file_ || part.path != path_ || part.offset != sizes_[path_]) {
    return base::Error{base::ErrorCode::kInvalidArgument,
                       "a part of a file does not follow the one before"};
  }
  if (!WriteAll(file_.Get(), part.data)) return Failure("file of the run");
  sizes_[path_] += std::ssize(part.data);
  return {};
}

base::Status FileInbox::Begin(const std::string& path) {
  file_.Reset();
  if (const auto fault = domain::PathFault(path))
    return base::Error{base::ErrorCode::kInvalidArgument, "the path of a file " + *fault};
  if (!MakeDirectories(directory_, path)) return Failure("directory of a file");
  file_ = CreateReadOnlyFile(directory_ + "/" + path);
  if (!file_) return Failure("file of the run");
  path_ = path;
  sizes_[path_] = 0;
  return {};
}

std::int64_t FileInbox::Bytes() const {
  std::int64_t bytes = 0;
  for (const auto& [path, size] : sizes_) bytes += size;
  return bytes;
}

}  // namespace oneshot::runner
