#include "core/config/document.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

namespace oneshot::config {
namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;
constexpr int kMaxDepth = 8;

base::Error Invalid(const std::string& message) {
  return {base::ErrorCode::kInvalidArgument, message};
}

}  // namespace

struct Document::Scale {
  std::string expected;
  /// From the smallest to the largest.
  std::vector<std::pair<std::string_view, double>> units;
  bool is_whole{true};

  std::string Show(double number) const {
    const auto unit = std::find_if(units.rbegin(), std::prev(units.rend()), [&](const auto& each) {
      return number >= each.second && std::fmod(number, each.second) == 0;
    });
    std::ostringstream text;
    text.precision(15);
    text << number / unit->second << unit->first;
    return text.str();
  }
};

const Document::Scale Document::kInteger{"a whole number", {{"", 1}}};
const Document::Scale Document::kNumber{"a number", {{"", 1}}, /*is_whole=*/false};
const Document::Scale Document::kDuration{
    "a duration such as 250ms, 1.5s, 10m, 24h or 30d",
    {{"ms", 1}, {"s", 1e3}, {"m", 60e3}, {"h", 3600e3}, {"d", 86400e3}},
    /*is_whole=*/false};
const Document::Scale Document::kBytes{
    "a whole number of bytes such as 4096, 256KiB or 1MiB",
    {{"", 1}, {"KiB", 1024.0}, {"MiB", 1048576.0}, {"GiB", 1073741824.0}}};

/// Turns the tree into entries.
class Document::Reader {
 public:
  explicit Reader(Document& document) : document_(document) {}

  void Section(const YAML::Node& node, const std::string& prefix, int depth) {
    if (depth > kMaxDepth) throw YAML::ParserException(node.Mark(), "nested too deeply");
    std::set<std::string> keys;
    for (const auto& pair : node) {
      const int line = pair.first.Mark().line + 1;
      if (!pair.first.IsScalar()) {
        document_.faults_.push_back("line " + std::to_string(line) + ": a key must be a word");
        continue;
      }
      const std::string path = prefix + pair.first.Scalar();
      if (!keys.insert(pair.first.Scalar()).second) {
        document_.faults_.push_back(path + " (line " + std::to_string(line) + "): given twice");
        continue;
      }
      Value(pair.second, path, line, depth);
    }
  }

 private:
  void Value(const YAML::Node& node, const std::string& path, int line, int depth) {
    Entry entry;
    entry.line = line;
    RefuseAlias(node);
    if (node.IsMap() && node.size() > 0) return Section(node, path + ".", depth + 1);
    if (node.IsScalar()) {
      entry.kind = Entry::Kind::kScalar;
      entry.text = node.Scalar();
    } else if (node.IsSequence()) {
      entry.kind = Entry::Kind::kList;
      for (const auto& element : node) {
        RefuseAlias(element);
        if (element.IsScalar()) {
          entry.list.push_back(element.Scalar());
        } else {
          document_.faults_.push_back(path + " (line " + std::to_string(line) +
                                      "): must be a list of single values");
        }
      }
    }
    document_.entries_.emplace(path, std::move(entry));
  }

  /// An alias is the node that it names, seen again: with the same place in the file.
  void RefuseAlias(const YAML::Node& node) {
    if (!node.IsNull() && !seen_.insert(node.Mark().pos).second)
      throw YAML::ParserException(node.Mark(), "aliases are not supported");
  }

  Document& document_;
  std::set<int> seen_;
};

base::Result<Document> Document::Load(const std::string& file_name) {
  std::ifstream file(file_name, std::ios::binary);
  if (!file) return base::Error{base::ErrorCode::kNotFound, file_name + ": cannot be read"};
  std::string text(kMaxFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad()) return base::Error{base::ErrorCode::kNotFound, file_name + ": cannot be read"};
  return Parse(text, file_name);
}

base::Result<Document> Document::Parse(const std::string& text, const std::string& file_name) {
  if (text.size() > kMaxFileBytes) return Invalid(file_name + ": larger than 1 MiB");
  Document document;
  document.file_name_ = file_name;
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() > 1) return Invalid(file_name + ": more than one document");
    const YAML::Node root = documents.empty() ? YAML::Node() : documents.front();
    if (root.IsMap()) {
      Reader(document).Section(root, "", 1);
    } else if (root.IsDefined() && !root.IsNull()) {
      return Invalid(file_name + ": must be a mapping of sections");
    }
  } catch (const YAML::Exception& error) {
    return Invalid(file_name + ": " + error.what());
  }
  return document;
}

const Document::Entry* Document::Find(const std::string& path, Entry::Kind kind,
                                      const std::string& expected, Key key) {
  keys_.insert_or_assign(path, std::move(key));
  const auto found = entries_.find(path);
  if (found == entries_.end() || found->second.kind == Entry::Kind::kEmpty) return nullptr;
  if (found->second.kind == kind) return &found->second;
  Refuse(path, "must be " + expected);
  return nullptr;
}

void Document::Refuse(const std::string& path, const std::string& reason) {
  const auto found = entries_.find(path);
  const std::string line =
      found == entries_.end() ? "" : " (line " + std::to_string(found->second.line) + ")";
  faults_.push_back(path + line + ": " + reason);
}

double Document::Quantity(const std::string& path, const Scale& scale, double fallback,
                          double minimum, double maximum) {
  const Key key{scale.Show(fallback), scale.Show(minimum), scale.Show(maximum)};
  const Entry* entry = Find(path, Entry::Kind::kScalar, scale.expected, key);
  if (!entry) return fallback;
  double number = 0;
  const char* const end = entry->text.data() + entry->text.size();
  const auto [rest, error] =
      std::from_chars(entry->text.data(), end, number, std::chars_format::fixed);
  const std::string_view name(rest, static_cast<std::size_t>(end - rest));
  const auto unit =
      std::ranges::find(scale.units, name, [](const auto& each) { return each.first; });
  if (unit != scale.units.end()) number *= unit->second;
  if (error != std::errc() || !std::isfinite(number) || unit == scale.units.end() ||
      (scale.is_whole && number != std::floor(number))) {
    Refuse(path, "must be " + scale.expected);
    return fallback;
  }
  if (number < minimum || number > maximum) {
    Refuse(path, "must be between " + key.minimum + " and " + key.maximum);
    return fallback;
  }
  return number;
}

void Document::Number(const std::string& path, double& value, double minimum, double maximum) {
  value = Quantity(path, kNumber, value, minimum, maximum);
}

void Document::Duration(const std::string& path, std::chrono::milliseconds& value,
                        std::chrono::milliseconds minimum, std::chrono::milliseconds maximum) {
  const auto number = [](std::chrono::milliseconds span) {
    return static_cast<double>(span.count());
  };
  value = std::chrono::milliseconds(
      std::llround(Quantity(path, kDuration, number(value), number(minimum), number(maximum))));
}

void Document::String(const std::string& path, std::string& value) {
  const Entry* entry =
      Find(path, Entry::Kind::kScalar, "a text", {value.empty() ? "nothing" : value});
  if (entry) value = entry->text;
}

void Document::StringList(const std::string& path, std::vector<std::string>& value) {
  std::string shown;
  for (const std::string& each : value) shown += (shown.empty() ? "" : ", ") + each;
  const Entry* entry = Find(path, Entry::Kind::kList, "a list", {"[" + shown + "]"});
  if (entry) value = entry->list;
}

void Document::LeaveTo(const std::vector<std::string>& sections) {
  foreign_sections_.insert(sections.begin(), sections.end());
}

base::Status Document::Finish() {
  for (const auto& [path, entry] : entries_) {
    if (keys_.contains(path) || foreign_sections_.contains(path.substr(0, path.find('.'))))
      continue;
    const std::string inside = path + ".";
    const auto below = keys_.lower_bound(inside);
    const bool is_section = below != keys_.end() && below->first.starts_with(inside);
    if (!is_section) {
      Refuse(path, "unknown key");
    } else if (entry.kind != Entry::Kind::kEmpty) {
      Refuse(path, "must be a section");
    }
  }
  if (faults_.empty()) return {};
  std::string message = file_name_ + ": " + std::to_string(faults_.size()) +
                        (faults_.size() == 1 ? " fault" : " faults") + " in the configuration";
  for (const std::string& fault : faults_) message += "\n  " + fault;
  return Invalid(message);
}

}  // namespace oneshot::config
