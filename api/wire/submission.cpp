#include "api/wire/submission.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "core/base/base64.h"
#include "core/base/utf8.h"
#include "core/domain/display.h"

namespace oneshot::api::wire {
namespace {

using Json = nlohmann::json;

/// After so many values that belong to no field, at any depth, the rest of the body is not read.
constexpr int kMaxSkippedValues = 1000;

constexpr std::size_t kMaxKeyBytes = 64;
constexpr std::size_t kMaxParserMessageBytes = 256;

std::string Shortened(const std::string& text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  return text.substr(0, base::ValidUtf8Prefix(std::string_view(text).substr(0, max_bytes))) + "…";
}

/// RFC 6901, section 3.
std::string EscapePointer(const std::string& key) {
  std::string escaped;
  for (const char c : key) escaped += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return escaped;
}

struct Container;

struct Field {
  /// Completes the sentence "must be ...".
  const char* expected;
  /// Takes the value; false when it has another type. Empty for an object or array.
  std::function<bool(Json&)> take;
  Json::value_t type{Json::value_t::discarded};
  /// Begins to take the values in an object or array.
  std::function<Container()> open{};
};
using Fields = std::map<std::string, Field>;

/// An object or array whose values are being read.
struct Container {
  /// Of an object.
  const Fields* fields{nullptr};
  /// Of an array. Those behind the first `most` are not read, but the one that is one too many.
  const Field* element{nullptr};
  std::int64_t most{0};
  /// Called with `pointer` when it was read; false ends the parsing.
  std::function<bool(const std::string& pointer)> close{};
  /// In front of its keys.
  std::string pointer{};
  std::int64_t index{-1};
};

Field Text(std::string& value) {
  return {"a string", [&value](Json& json) {
            if (json.is_string()) value = std::move(json.get_ref<std::string&>());
            return json.is_string();
          }};
}

std::int64_t Clamped(double number) {
  constexpr double kLargest = 9'007'199'254'740'992;  // 2^53: every limit is far below
  return static_cast<std::int64_t>(std::clamp(number, -kLargest, kLargest));
}

/// 256.0 is a whole number too (JSON Schema, "integer").
Field Integer(std::int64_t& value) {
  return {"a whole number", [&value](Json& json) {
            if (!json.is_number()) return false;
            const double number = json.get<double>();
            if (number != std::floor(number)) return false;
            value = Clamped(number);
            return true;
          }};
}

/// Seconds with a fraction, as whole milliseconds.
Field Seconds(std::int64_t& milliseconds) {
  return {"a number", [&milliseconds](Json& json) {
            if (!json.is_number()) return false;
            milliseconds = Clamped(std::round(json.get<double>() * 1000));
            return true;
          }};
}

constexpr const char* kBase64 = "a string of base64 with padding (RFC 4648, section 4)";

bool TakeBase64(const Json& json, std::string& bytes) {
  if (!json.is_string()) return false;
  auto decoded = base::Base64Decode(json.get_ref<const std::string&>());
  if (!decoded) return false;
  bytes = *std::move(decoded);
  return true;
}

Field Boolean(bool& value) {
  return {"true or false", [&value](Json& json) {
            if (json.is_boolean()) value = json.get<bool>();
            return json.is_boolean();
          }};
}

/// True, or how many pixels of a figure make one of a page.
Field Display(double& scale) {
  return {"true, false or a number", [&scale](Json& json) {
            if (json.is_boolean()) scale = json.get<bool>() ? 1 : 0;
            // What is not allowed, 0 among it, must not become what means "no".
            if (json.is_number()) scale = json.get<double>() == 0 ? -1 : json.get<double>();
            return json.is_boolean() || json.is_number();
          }};
}

/// The parser's message without the name of its type in front and the token in full length.
std::string WhyMalformed(const std::string& parser_message) {
  const std::size_t type_end = parser_message.find("] ");
  const std::size_t begin = type_end == std::string::npos ? 0 : type_end + 2;
  return Shortened(base::ReplaceInvalidUtf8(parser_message.substr(begin)), kMaxParserMessageBytes);
}

/// Takes a submission from the parser's calls, value by value. No tree of the body is built, so the
/// cost of a body does not depend on its shape.
class Reader {
 public:
  explicit Reader(const domain::LimitPolicy& policy) : policy_(policy) {
    spec_.limits = policy.defaults;
  }

  Submission Read(std::string_view body) {
    const bool complete = Json::sax_parse(body, this);
    if (!malformed_.empty()) return {.malformed = std::move(malformed_)};
    if (IsObject()) CheckWhole(complete);
    const bool has_more = !complete || faults_.size() > domain::kMaxFaults;
    if (faults_.size() > domain::kMaxFaults) faults_.resize(domain::kMaxFaults);
    return {.faults = std::move(faults_), .has_more_faults = has_more, .spec = std::move(spec_)};
  }

  // What nlohmann::json's parser calls. False ends the parsing.

  bool null() { return Take(nullptr); }
  bool boolean(bool value) { return Take(value); }
  bool number_integer(std::int64_t value) { return Take(value); }
  bool number_unsigned(std::uint64_t value) { return Take(value); }
  bool number_float(double value, const std::string&) { return Take(value); }
  bool string(std::string& value) { return Take(std::move(value)); }
  /// JSON text has none.
  bool binary(Json::binary_t&) { return false; }
  bool start_object(std::size_t) { return Open(Json::value_t::object); }
  bool start_array(std::size_t) { return Open(Json::value_t::array); }
  bool end_object() { return Close(); }
  bool end_array() { return Close(); }

  bool key(const std::string& key) {
    if (skipped_depth_ > 0) return true;
    key_ = EscapePointer(Shortened(key, kMaxKeyBytes));
    const Fields& fields = *containers_.back().fields;
    const auto found = fields.find(key);
    field_ = found == fields.end() ? nullptr : &found->second;
    const int times = ++times_[{containers_.back().pointer, key}];
    if (times > 1) {
      field_ = nullptr;
      return times > 2 || Note(Pointer(), "duplicate_field", "must appear only once");
    }
    if (field_) return true;
    if (Pointer() == "/scratch_mib")
      return Note(Pointer(), "unknown_field", "must be given as /limits/scratch_mib");
    std::string names;
    for (const auto& [name, field] : fields) names += (names.empty() ? "" : ", ") + name;
    return Note(Pointer(), "unknown_field", "is not a known field; the known ones are " + names);
  }

  bool parse_error(std::size_t, const std::string&, const Json::exception& error) {
    malformed_ = WhyMalformed(error.what());
    return false;
  }

 private:
  void CheckWhole(bool complete) {
    if (complete && !given_.contains("/source")) Note("/source", "required", "is required");
    domain::Limits& limits = spec_.limits;
    if (given_.contains("/limits/wall_seconds") && !given_.contains("/limits/cpu_seconds")) {
      limits.cpu_ms = std::max(limits.cpu_ms, std::min(limits.wall_ms, policy_.maxima.cpu_ms));
    }
    for (domain::Fault& fault : domain::CheckRunSpec(spec_, policy_)) {
      // A value of the wrong type is none, of which nothing more can be said.
      if (std::ranges::find(faults_, fault.pointer, &domain::Fault::pointer) == faults_.end())
        faults_.push_back(std::move(fault));
    }
  }

  std::string Pointer() const {
    return containers_.empty() ? std::string() : containers_.back().pointer + key_;
  }
  bool IsObject() const { return !containers_.empty(); }
  bool IsInArray() const { return IsObject() && containers_.back().element; }

  /// False if there are more faults than are listed, so that the parsing can end.
  bool Note(const std::string& pointer, const char* code, const std::string& detail) {
    faults_.push_back({pointer, code, detail});
    return faults_.size() <= domain::kMaxFaults;
  }

  /// Comes to the next value; false if it belongs to no field or is one of too many elements. The
  /// first of those is read, so that CheckRunSpec counts one too many.
  bool Reach() {
    if (skipped_depth_ > 0) return false;
    if (IsInArray()) {
      Container& array = containers_.back();
      field_ = array.element;
      key_ = std::to_string(++array.index);
      return array.index <= array.most;
    }
    return field_ != nullptr;
  }

  /// A body that is not an object is only checked for being JSON.
  bool Skip() { return ++skipped_values_ <= kMaxSkippedValues || !IsObject(); }

  bool Take(Json value) { return Reach() ? Use(value) : Skip(); }

  bool Use(Json& value) {
    if (value.is_null() && IsObject() && !IsInArray()) return true;
    given_.insert(Pointer());
    return (field_->take && field_->take(value)) ||
           Note(Pointer(), "wrong_type", std::string("must be ") + field_->expected);
  }

  bool Open(Json::value_t type) {
    if (!Reach()) {
      ++skipped_depth_;
      return Skip();
    }
    if (field_->type != type) {
      ++skipped_depth_;
      Json empty(type);
      return Use(empty);
    }
    Container container = field_->open();
    container.pointer = Pointer() + "/";
    containers_.push_back(std::move(container));
    return true;
  }

  bool Close() {
    if (skipped_depth_ > 0) {
      --skipped_depth_;
      return true;
    }
    if (containers_.size() <= 1) return true;  // the body, of which more is asked after its end
    const Container container = std::move(containers_.back());
    containers_.pop_back();
    return !container.close || container.close(container.pointer);
  }

  Container OpenFile() {
    spec_.files.emplace_back();
    return {.fields = &file_fields_,
            .close = [this](const std::string& pointer) { return CheckFile(pointer); }};
  }

  domain::File& File() { return spec_.files.back(); }

  bool CheckFile(const std::string& pointer) {
    const bool has_text = given_.contains(pointer + "content");
    const bool has_bytes = given_.contains(pointer + "content_b64");
    if (!given_.contains(pointer + "path") && !Note(pointer + "path", "required", "is required"))
      return false;
    if (has_text != has_bytes) return true;
    return has_text
               ? Note(pointer + "content_b64", "duplicate_field",
                      "must not be given together with content")
               : Note(pointer + "content", "required", "is required, or content_b64 in its place");
  }

  std::vector<domain::Fault> faults_;
  domain::RunSpec spec_;
  std::string malformed_;
  const domain::LimitPolicy& policy_;

  const Field body_{"an object", nullptr, Json::value_t::object,
                    [this] { return Container{.fields = &fields_}; }};
  const Fields fields_{
      {"source", Text(spec_.source)},
      {"stdin", Text(spec_.stdin_data)},
      {"stdin_open", Boolean(spec_.stdin_open)},
      {"display", Display(spec_.display_scale)},
      {"args",
       {"an array of strings", nullptr, Json::value_t::array,
        [this] { return Container{.element = &argument_, .most = policy_.args}; }}},
      {"files",
       {"an array of objects", nullptr, Json::value_t::array,
        [this] { return Container{.element = &file_, .most = policy_.files}; }}},
      {"outputs",
       {"an array of strings", nullptr, Json::value_t::array,
        [this] { return Container{.element = &pattern_, .most = domain::kMaxOutputPatterns}; }}},
      {"limits", {"an object", nullptr, Json::value_t::object, [this] {
                    return Container{.fields = &limits_fields_};
                  }}}};
  const Fields limits_fields_{{"wall_seconds", Seconds(spec_.limits.wall_ms)},
                              {"cpu_seconds", Seconds(spec_.limits.cpu_ms)},
                              {"memory_mib", Integer(spec_.limits.memory_mib)},
                              {"output_bytes", Integer(spec_.limits.output_bytes)},
                              {"scratch_mib", Integer(spec_.limits.scratch_mib)}};
  const Field argument_{"a string",
                        [this](Json& json) { return Text(spec_.args.emplace_back()).take(json); }};
  const Field pattern_{
      "a string", [this](Json& json) { return Text(spec_.outputs.emplace_back()).take(json); }};
  const Field file_{"an object", nullptr, Json::value_t::object, [this] { return OpenFile(); }};
  const Fields file_fields_{
      {"path", {"a string", [this](Json& json) { return Text(File().path).take(json); }}},
      {"content", {"a string", [this](Json& json) { return Text(File().content).take(json); }}},
      {"content_b64", {kBase64, [this](Json& json) { return TakeBase64(json, File().content); }}}};

  // Around the next value; none until the body turns out to be an object.
  std::vector<Container> containers_;
  // Of the next value: its field, null when its key is not known, and its key.
  const Field* field_{&body_};
  std::string key_;
  // Objects and arrays around the next value that belong to no field.
  int skipped_depth_{0};
  int skipped_values_{0};
  // How often each key was seen.
  std::map<std::pair<std::string, std::string>, int> times_;
  // Pointers of the values that are not null.
  std::set<std::string> given_;
};

}  // namespace

Submission DecodeSubmission(std::string_view body, const domain::LimitPolicy& policy) {
  // The parser would take it for the end of the body.
  if (const std::size_t at = body.find('\0'); at != std::string_view::npos)
    return {.malformed = "Byte " + std::to_string(at) + " of the body is NUL."};
  if (const std::size_t at = base::ValidUtf8Prefix(body); at != body.size())
    return {.malformed = "The body is not valid UTF-8 from byte " + std::to_string(at) + " on."};

  return Reader(policy).Read(body);
}

}  // namespace oneshot::api::wire
