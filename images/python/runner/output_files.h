/// The files that come back from a program: what it left in the directory that $ONESHOT_OUTPUT
/// names, and what the patterns of its run ask for in its own directory.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/protocol/messages.h"

namespace oneshot::runner {

class OutputFiles {
 public:
  /// To be made before the program begins: what is in its `directory` by then is not its own, and
  /// does not come back unless it is changed. Makes the directory of $ONESHOT_OUTPUT.
  explicit OutputFiles(std::string directory);

  /// $ONESHOT_OUTPUT.
  std::string OutputDirectory() const;

  /// What becomes of what is not to come back: it is removed before anything is read, so that what
  /// is read finds room in the memory that scratch space takes; to be said only where everything
  /// there is the run's.
  enum class Others { kStay, kAreRemoved };

  /// Finds the files once every process of the run is gone, and gives them to `take` in the order
  /// of their paths, numbered, with all of their data. They are at most domain::kMaxOutputFiles,
  /// and have at most `limit_bytes` together; one that does not fit is left out, and a smaller one
  /// behind it is not. Returns how many were left out, because of their names too.
  int Collect(const std::vector<std::string>& patterns, std::int64_t limit_bytes, Others others,
              const std::function<void(protocol::Display)>& take) const;

 private:
  /// A file as it is at a moment: its inode, and when it was changed, in nanoseconds.
  using State = std::pair<ino_t, std::int64_t>;
  static State StateOf(const struct stat& facts);
  class Search;

  std::string directory_;
  std::set<State> there_before_;
};

}  // namespace oneshot::runner
