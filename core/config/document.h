#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace oneshot::config {

/// A YAML configuration file, read by dotted path: `Integer("api.threads", 4, 1, 64)`.
///
/// A read never fails by itself: it notes the fault, returns the default, and `Finish` reports all
/// faults at once, each with its path and line, together with every key that nobody read. Aliases
/// are refused (they allow documents that grow exponentially), and so are deep nesting, large
/// files, and keys given twice. A key without a value counts as absent. Threads: one.
class Document {
 public:
  /// Errors: kNotFound (no such file), kInvalidArgument (not YAML, or refused as above).
  static base::Result<Document> Load(const std::string& file_name);
  static base::Result<Document> Parse(const std::string& text, const std::string& file_name);

  std::int64_t Integer(const std::string& path, std::int64_t fallback, std::int64_t minimum,
                       std::int64_t maximum);
  /// A number that may have a fraction, such as a key named `..._seconds`.
  double Number(const std::string& path, double fallback, double minimum, double maximum);
  /// Needs its unit: `250ms`, `1.5s`, `10m`, `24h`, `30d`.
  std::chrono::milliseconds Duration(const std::string& path, std::chrono::milliseconds fallback,
                                     std::chrono::milliseconds minimum,
                                     std::chrono::milliseconds maximum);
  /// A whole number of bytes, or of KiB, MiB, GiB: `1048576` and `1MiB` are the same.
  std::int64_t Bytes(const std::string& path, std::int64_t fallback, std::int64_t minimum,
                     std::int64_t maximum);
  std::string String(const std::string& path, const std::string& fallback);
  bool Boolean(const std::string& path, bool fallback);
  std::vector<std::string> StringList(const std::string& path,
                                      const std::vector<std::string>& fallback);

  /// `path` was read, and its value makes no sense for a reason that only the caller knows.
  void Refuse(const std::string& path, const std::string& reason);

  /// These top-level sections are for another program that reads the same file: not unknown, and
  /// not checked here.
  void LeaveTo(const std::vector<std::string>& sections);

  /// Call after the last read. Errors: kInvalidArgument, one line for each fault.
  base::Status Finish();

 private:
  struct Entry {
    enum class Kind { kEmpty, kScalar, kList } kind{Kind::kEmpty};
    std::string text;               // kScalar
    std::vector<std::string> list;  // kList
    int line{0};
  };
  class Reader;

  const Entry* Find(const std::string& path, Entry::Kind kind, const char* expected);
  /// The number and what follows it; notes a fault and returns false when there is none or it is
  /// out of range.
  bool Quantity(const std::string& path, std::string_view expected,
                const std::map<std::string_view, double>& units, double minimum, double maximum,
                double& value);

  std::string file_name_;
  std::map<std::string, Entry> entries_;  // by dotted path; sections have none of their own
  std::set<std::string> read_;
  std::set<std::string> foreign_sections_;
  std::vector<std::string> faults_;
};

}  // namespace oneshot::config
