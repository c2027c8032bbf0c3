#include "tests/support/object_table.h"

#include <algorithm>
#include <utility>

namespace oneshot::test {
namespace {

constexpr std::size_t kMaxHappenings = 20'000;

bool MatchesTerm(const nlohmann::json& labels, std::string_view term) {
  if (term.starts_with('!')) return !labels.contains(std::string(term.substr(1)));
  const std::size_t equals = term.find('=');
  if (equals == std::string_view::npos) return labels.contains(std::string(term));
  const bool negated = equals > 0 && term[equals - 1] == '!';
  const std::string key(term.substr(0, negated ? equals - 1 : equals));
  std::string_view value = term.substr(equals + 1);
  if (value.starts_with('=')) value.remove_prefix(1);
  return (labels.value(key, std::string()) == value && labels.contains(key)) != negated;
}

}  // namespace

bool MatchesSelector(const nlohmann::json& object, std::string_view selector) {
  const nlohmann::json labels = object["metadata"].value("labels", nlohmann::json::object());
  while (!selector.empty()) {
    const std::string_view term = selector.substr(0, selector.find(','));
    selector.remove_prefix(std::min(selector.size(), term.size() + 1));
    if (!MatchesTerm(labels, term)) return false;
  }
  return true;
}

const ObjectTable::Json* ObjectTable::Find(const std::string& kind, const std::string& name) const {
  const auto objects = objects_.find(kind);
  if (objects == objects_.end()) return nullptr;
  const auto found = objects->second.find(name);
  return found == objects->second.end() ? nullptr : &found->second;
}

const ObjectTable::Json& ObjectTable::Put(const std::string& kind, Json object) {
  Json& metadata = object["metadata"];
  ++version_;
  metadata["resourceVersion"] = std::to_string(version_);
  if (!metadata.contains("uid")) metadata["uid"] = "uid-" + std::to_string(version_);
  const std::string name = metadata["name"];
  Json& place = objects_[kind][name];
  const bool is_new = place.is_null();
  place = std::move(object);
  Note(kind, is_new ? "ADDED" : "MODIFIED", place);
  return place;
}

bool ObjectTable::Remove(const std::string& kind, const std::string& name) {
  auto& objects = objects_[kind];
  const auto found = objects.find(name);
  if (found == objects.end()) return false;
  Json last = std::move(found->second);
  objects.erase(found);
  last["metadata"]["resourceVersion"] = std::to_string(++version_);
  Note(kind, "DELETED", std::move(last));
  return true;
}

std::vector<const ObjectTable::Json*> ObjectTable::List(const std::string& kind,
                                                        const std::string& label_selector) const {
  std::vector<const Json*> listed;
  const auto objects = objects_.find(kind);
  if (objects == objects_.end()) return listed;
  for (const auto& [name, object] : objects->second) {
    if (MatchesSelector(object, label_selector)) listed.push_back(&object);
  }
  return listed;
}

std::optional<std::vector<const ObjectTable::Happening*>> ObjectTable::Since(
    std::uint64_t version, const std::string& kind, const std::string& label_selector) const {
  if (version < compacted_) return std::nullopt;
  std::vector<const Happening*> since;
  const auto first = std::upper_bound(
      happenings_.begin(), happenings_.end(), version,
      [](std::uint64_t known, const Happening& happening) { return known < happening.version; });
  for (auto it = first; it != happenings_.end(); ++it) {
    if (it->kind == kind && MatchesSelector(it->object, label_selector)) since.push_back(&*it);
  }
  return since;
}

void ObjectTable::Compact() {
  // A version of its own, so that whoever has listed just before must list again too.
  compacted_ = ++version_;
  happenings_.clear();
}

void ObjectTable::Note(const std::string& kind, const std::string& type, Json object) {
  happenings_.push_back({version_, kind, type, std::move(object)});
  if (happenings_.size() > kMaxHappenings) {
    compacted_ = happenings_.front().version;
    happenings_.pop_front();
  }
}

}  // namespace oneshot::test
