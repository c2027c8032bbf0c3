#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace oneshot::config {

/// A YAML configuration file, read by dotted path: `Integer("api.threads", threads, 1, 64)`.
///
/// Each read replaces a value, which is the key's default, by what the file says, if anything. A
/// read never fails by itself: it notes the fault and leaves the default, and `Finish` reports all
/// faults at once, each with its path and line, together with every key that was not read. Aliases
/// are refused (they allow documents that grow exponentially), and so are deep nesting, large
/// files, and keys given twice. A key without a value counts as absent. Threads: one.
class Document {
 public:
  /// Errors: kNotFound (no such file), kInvalidArgument (not YAML, or refused as above).
  static base::Result<Document> Load(const std::string& file_name);
  static base::Result<Document> Parse(const std::string& text, const std::string& file_name);

  template <std::integral T>
  void Integer(const std::string& path, T& value, std::int64_t minimum, std::int64_t maximum) {
    value = static_cast<T>(Quantity(path, kInteger, static_cast<double>(value),
                                    static_cast<double>(minimum), static_cast<double>(maximum)));
  }
  /// A whole number of bytes, or of KiB, MiB, GiB: `1048576` and `1MiB` are the same.
  template <std::integral T>
  void Bytes(const std::string& path, T& value, std::int64_t minimum, std::int64_t maximum) {
    value = static_cast<T>(Quantity(path, kBytes, static_cast<double>(value),
                                    static_cast<double>(minimum), static_cast<double>(maximum)));
  }
  /// A number that may have a fraction, such as a key named `..._seconds`.
  void Number(const std::string& path, double& value, double minimum, double maximum);
  /// Needs its unit: `250ms`, `1.5s`, `10m`, `24h`, `30d`.
  void Duration(const std::string& path, std::chrono::milliseconds& value,
                std::chrono::milliseconds minimum, std::chrono::milliseconds maximum);
  void String(const std::string& path, std::string& value);
  void StringList(const std::string& path, std::vector<std::string>& value);

  /// `path` was read, and its value makes no sense for a reason that only the caller knows.
  void Refuse(const std::string& path, const std::string& reason);

  /// These top-level sections are for another program that reads the same file: not unknown, and
  /// not checked here.
  void LeaveTo(const std::vector<std::string>& sections);

  /// Call after the last read. Errors: kInvalidArgument, one line for each fault.
  base::Status Finish();

  /// A key as docs/configuration.md shows it.
  struct Key {
    /// In the largest unit that leaves it whole: 1MiB, 10m. `nothing` for an empty text.
    std::string fallback;
    /// In the same units; empty for texts and lists.
    std::string minimum{};
    std::string maximum{};
  };
  /// Every key read so far, by path.
  const std::map<std::string, Key>& keys() const { return keys_; }

 private:
  struct Entry {
    enum class Kind { kEmpty, kScalar, kList } kind{Kind::kEmpty};
    /// Of a scalar.
    std::string text;
    /// Of a list.
    std::vector<std::string> list;
    int line{0};
  };
  class Reader;

  /// How a kind of number is written.
  struct Scale;
  static const Scale kInteger;
  static const Scale kNumber;
  static const Scale kDuration;
  static const Scale kBytes;

  const Entry* Find(const std::string& path, Entry::Kind kind, const std::string& expected,
                    Key key);
  /// In the scale's smallest unit.
  double Quantity(const std::string& path, const Scale& scale, double fallback, double minimum,
                  double maximum);

  std::string file_name_;
  /// By dotted path; sections have no entries of their own.
  std::map<std::string, Entry> entries_;
  std::map<std::string, Key> keys_;
  std::set<std::string> foreign_sections_;
  std::vector<std::string> faults_;
};

}  // namespace oneshot::config
