#pragma once

#include <string_view>

namespace oneshot::domain {

/// Whether `path` is one that `pattern` asks for, as in a shell: `*` stands for any characters of a
/// name, `?` for one, `**` for any number of names. A name that begins with a dot is met only by
/// one that does. A pattern that meets a directory meets everything below it. Both are as
/// RelativePathFault wants them; the time it takes is bounded by kMaxPathBytes and kMaxPathNames.
bool MatchesPath(std::string_view pattern, std::string_view path);

}  // namespace oneshot::domain
