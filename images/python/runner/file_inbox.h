#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/base/result.h"
#include "core/protocol/messages.h"
#include "images/python/runner/unique_fd.h"

namespace oneshot::runner {

/// Takes the files of the run that is to come, part by part, to where its program finds them.
/// Everybody may read them and nobody may write them.
class FileInbox {
 public:
  explicit FileInbox(std::string directory) : directory_(std::move(directory)) {}

  /// Errors: kInvalidArgument (a path that leads out of the directory, or a part that does not
  /// follow the one before); kUnavailable (the file cannot be written, for the reason in the text).
  base::Status Take(const protocol::FileCommand& part);

  /// Of all files, as far as they have come.
  std::int64_t Bytes() const;

 private:
  base::Status Begin(const std::string& path);

  std::string directory_;
  std::map<std::string, std::int64_t> sizes_;
  // The file whose parts are coming.
  std::string path_;
  UniqueFd file_;
};

}  // namespace oneshot::runner
