#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oneshot::test {

/// Objects of several kinds with one resource version for all of them, and what happened to each,
/// for watches: the small part of etcd that tests need. Threads: one at a time.
class ObjectTable {
 public:
  using Json = nlohmann::json;

  struct Happening {
    std::uint64_t version;
    std::string kind;
    std::string type;  // ADDED, MODIFIED, DELETED
    Json object;
  };

  /// Null when there is none.
  const Json* Find(const std::string& kind, const std::string& name) const;

  /// Stores `object` under its metadata.name with a new version, and with a uid if it has none.
  /// Returns what was stored.
  const Json& Put(const std::string& kind, Json object);

  bool Remove(const std::string& kind, const std::string& name);

  std::vector<const Json*> List(const std::string& kind, const std::string& label_selector) const;

  /// What happened after `version`, oldest first; empty optional when that is no longer known
  /// (410).
  std::optional<std::vector<const Happening*>> Since(std::uint64_t version, const std::string& kind,
                                                     const std::string& label_selector) const;

  /// Forgets what happened, so that every older version is too old.
  void Compact();

  std::uint64_t Version() const { return version_; }

 private:
  void Note(const std::string& kind, const std::string& type, Json object);

  std::map<std::string, std::map<std::string, Json>> objects_;  // by kind, by name
  std::deque<Happening> happenings_;
  std::uint64_t version_{100};
  std::uint64_t compacted_{0};  // versions up to here are too old
};

/// `a=b,c!=d,e,!f`; empty matches all.
bool MatchesSelector(const nlohmann::json& object, std::string_view selector);

}  // namespace oneshot::test
