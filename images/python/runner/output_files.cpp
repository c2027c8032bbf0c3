#include "images/python/runner/output_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/domain/display.h"
#include "core/domain/file.h"
#include "core/domain/path_pattern.h"
#include "images/python/runner/files.h"
#include "images/python/runner/unique_fd.h"

namespace oneshot::runner {
namespace {

// Below the program's directory. It is hidden, so that a program that lists its directory finds
// what it finds anywhere.
constexpr std::string_view kOutputDirectory = ".output";

// A program may leave as many as its memory holds names of.
constexpr int kMostLookedAt = 10'000;

/// Calls `look` with the path of each regular file below `root`, until it returns false. Symbolic
/// links lead nowhere.
void Walk(const std::string& root, const std::function<bool(const std::string&)>& look) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::recursive_directory_iterator entry(root, fs::directory_options::skip_permission_denied,
                                         error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code gone;
    if (entry.depth() > domain::kMaxPathNames) entry.disable_recursion_pending();
    if (!entry->is_symlink(gone) && entry->is_regular_file(gone) &&
        !look(entry->path().string().substr(root.size() + 1)))
      return;
  }
}

/// `path` below `root`, without following any symbolic link: a process that is not quite gone may
/// have put one there since the directory was read.
UniqueFd OpenBelow(const std::string& root, std::string_view path) {
  UniqueFd at(open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (std::size_t end = path.find('/'); at && end != path.npos; end = path.find('/')) {
    const std::string name(path.substr(0, end));
    at = UniqueFd(openat(at.Get(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    path.remove_prefix(end + 1);
  }
  if (!at) return at;
  // A pipe would hold us up.
  return UniqueFd(
      openat(at.Get(), std::string(path).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
}

}  // namespace

/// One Collect.
class OutputFiles::Search {
 public:
  Search(const OutputFiles& owner, const std::vector<std::string>& patterns)
      : owner_(owner), patterns_(patterns) {}

  /// Every file that is asked for, whatever its size.
  void Find() {
    int looked_at = 0;
    Walk(owner_.directory_, [&](const std::string& place) {
      if (++looked_at > kMostLookedAt) {
        ++dropped_;
        return false;
      }
      struct stat facts {};
      if (lstat((owner_.directory_ + "/" + place).c_str(), &facts) == 0) Look(place, facts);
      return true;
    });
  }

  void KeepWhatFits(std::int64_t limit_bytes) {
    int kept = 0;
    std::erase_if(found_, [&](const auto& each) {
      const std::int64_t bytes = each.second.bytes;
      const bool fits = kept < domain::kMaxOutputFiles && bytes <= limit_bytes;
      kept += fits ? 1 : 0;
      limit_bytes -= fits ? bytes : 0;
      dropped_ += fits ? 0 : 1;
      return !fits;
    });
  }

  void RemoveOthers() const {
    std::set<std::string_view> places;
    for (const auto& [path, file] : found_) places.insert(file.place);
    Walk(owner_.directory_, [&](const std::string& place) {
      if (!places.contains(place)) unlink((owner_.directory_ + "/" + place).c_str());
      return true;
    });
  }

  void Take(Others others, const std::function<void(protocol::Display)>& take) {
    int number = 0;
    for (const auto& [path, file] : found_) {
      auto content = Read(file);
      if (others == Others::kAreRemoved) unlink((owner_.directory_ + "/" + file.place).c_str());
      if (!content) {
        ++dropped_;
        continue;
      }
      protocol::Display display;
      display.number = number++;
      display.mime = domain::kOutputFile;
      display.alt = path;
      display.bytes = std::ssize(*content);
      display.data = *std::move(content);
      take(std::move(display));
    }
  }

  int dropped() const { return dropped_; }

 private:
  struct Found {
    /// Below the program's directory.
    std::string place;
    std::int64_t bytes{0};
  };

  void Look(const std::string& place, const struct stat& facts) {
    constexpr std::size_t kPrefix = kOutputDirectory.size() + 1;
    const bool is_left = place.starts_with(std::string(kOutputDirectory) + "/");
    const std::string path = is_left ? place.substr(kPrefix) : place;
    if (!is_left && !IsAskedFor(path)) return;
    if (owner_.there_before_.contains(StateOf(facts))) return;
    if (domain::RelativePathFault(path)) {
      ++dropped_;
      return;
    }
    // What was left where it comes back in any case goes before what has the same path elsewhere.
    const auto [other, is_new] = found_.try_emplace(path, Found{place, facts.st_size});
    if (is_new) return;
    ++dropped_;
    if (is_left) other->second = Found{place, facts.st_size};
  }

  bool IsAskedFor(const std::string& path) const {
    return std::ranges::any_of(patterns_, [&path](const std::string& pattern) {
      return domain::MatchesPath(pattern, path);
    });
  }

  std::optional<std::string> Read(const Found& file) const {
    const UniqueFd opened = OpenBelow(owner_.directory_, file.place);
    struct stat facts {};
    if (!opened || fstat(opened.Get(), &facts) != 0 || !S_ISREG(facts.st_mode) ||
        facts.st_size != file.bytes)
      return std::nullopt;
    return ReadWhole(opened.Get(), static_cast<std::size_t>(file.bytes));
  }

  const OutputFiles& owner_;
  const std::vector<std::string>& patterns_;
  /// By how their paths are told.
  std::map<std::string, Found> found_;
  int dropped_{0};
};

OutputFiles::OutputFiles(std::string directory) : directory_(std::move(directory)) {
  Walk(directory_, [this](const std::string& place) {
    struct stat facts {};
    if (lstat((directory_ + "/" + place).c_str(), &facts) == 0)
      there_before_.insert(StateOf(facts));
    return true;
  });
  constexpr mode_t kDirectoryMode = 0755;
  // A file of the run may have its name; then nothing can be left there.
  mkdir(OutputDirectory().c_str(), kDirectoryMode);
}

std::string OutputFiles::OutputDirectory() const {
  return directory_ + "/" + std::string(kOutputDirectory);
}

int OutputFiles::Collect(const std::vector<std::string>& patterns, std::int64_t limit_bytes,
                         Others others, const std::function<void(protocol::Display)>& take) const {
  Search search(*this, patterns);
  search.Find();
  search.KeepWhatFits(limit_bytes);
  if (others == Others::kAreRemoved) search.RemoveOthers();
  search.Take(others, take);
  return search.dropped();
}

OutputFiles::State OutputFiles::StateOf(const struct stat& facts) {
  constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
  return {facts.st_ino, facts.st_ctim.tv_sec * kNanosecondsPerSecond + facts.st_ctim.tv_nsec};
}

}  // namespace oneshot::runner
