#include "core/domain/path_pattern.h"

#include <cstddef>
#include <span>
#include <vector>

namespace oneshot::domain {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::string_view kAnyNames = "**";
constexpr std::string_view kAnyName = "*";

std::vector<std::string_view> Split(std::string_view path) {
  std::vector<std::string_view> names;
  for (std::size_t end = path.find('/'); end != path.npos; end = path.find('/')) {
    names.push_back(path.substr(0, end));
    path.remove_prefix(end + 1);
  }
  names.push_back(path);
  return names;
}

bool IsHidden(std::string_view name) { return name.starts_with('.'); }

/// Behind the character of UTF-8 at `at`.
std::size_t NextCharacter(std::string_view text, std::size_t at) {
  constexpr unsigned char kContinuationMask = 0xC0;
  constexpr unsigned char kContinuation = 0x80;
  do {
    ++at;
  } while (at < text.size() &&
           (static_cast<unsigned char>(text[at]) & kContinuationMask) == kContinuation);
  return at;
}

/// Never looks back further than the last `*`, so that it takes at most the product of both
/// lengths.
bool MatchesName(std::string_view pattern, std::string_view name) {
  if (IsHidden(name) && !IsHidden(pattern)) return false;
  std::size_t in_pattern = 0;
  std::size_t in_name = 0;
  std::size_t star = pattern.npos;
  std::size_t behind_star = 0;  // what of the name the last star does not stand for
  while (in_name < name.size()) {
    const char wanted = in_pattern < pattern.size() ? pattern[in_pattern] : '\0';
    if (wanted == '*') {
      star = in_pattern++;
      behind_star = in_name;
    } else if (wanted == '?') {
      ++in_pattern;
      in_name = NextCharacter(name, in_name);
    } else if (wanted == name[in_name]) {
      ++in_pattern;
      ++in_name;
    } else if (star != pattern.npos) {
      in_pattern = star + 1;
      in_name = behind_star = NextCharacter(name, behind_star);
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', in_pattern) == pattern.npos;
}

bool Matches(Names pattern, Names path) {
  if (pattern.empty()) return true;  // of a directory
  if (path.empty()) return false;
  if (pattern.front() != kAnyNames)
    return MatchesName(pattern.front(), path.front()) &&
           Matches(pattern.subspan(1), path.subspan(1));
  if (pattern.size() == 1) return MatchesName(kAnyName, path.front());
  return Matches(pattern.subspan(1), path) ||
         (!IsHidden(path.front()) && Matches(pattern, path.subspan(1)));
}

}  // namespace

bool MatchesPath(std::string_view pattern, std::string_view path) {
  return Matches(Split(pattern), Split(path));
}

}  // namespace oneshot::domain
