#include "controller/manifest/preload.h"

#include <algorithm>
#include <set>

namespace oneshot::manifest {
namespace {

constexpr std::string_view kBlanks = " \t\f";

/// Takes the first word off `text`: up to a blank, or to what separates names.
std::string_view TakeWord(std::string_view& text) {
  const auto begin = std::min(text.find_first_not_of(kBlanks), text.size());
  const auto end = std::min(text.find_first_of(" \t\f\r,;()#", begin), text.size());
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

/// `prefix` and each name of a list like `a, b as c`, `(a, b)`.
void AddNames(std::string_view list, const std::string& prefix, std::set<std::string>& found) {
  list = list.substr(0, list.find_first_of(";#\r"));
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    std::string_view item = list.substr(0, comma);
    item.remove_prefix(std::min(item.find_first_not_of(" \t\f("), item.size()));
    found.insert(prefix + std::string(TakeWord(item)));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

void AddLine(std::string_view line, std::set<std::string>& found) {
  const std::string_view keyword = TakeWord(line);
  if (keyword == "import") {
    AddNames(line, "", found);
  } else if (keyword == "from") {
    const std::string package(TakeWord(line));
    if (TakeWord(line) != "import") return;
    found.insert(package);
    AddNames(line, package + ".", found);
  }
}

}  // namespace

std::vector<std::string> ImportedAmong(const std::vector<std::string>& modules,
                                       std::string_view source) {
  std::set<std::string> found;
  while (!source.empty()) {
    const auto end = std::min(source.find('\n'), source.size());
    AddLine(source.substr(0, end), found);
    source.remove_prefix(std::min(end + 1, source.size()));
  }
  std::vector<std::string> imported = modules;
  std::erase_if(imported, [&found](const std::string& name) { return !found.contains(name); });
  return imported;
}

}  // namespace oneshot::manifest
