#include "images/python/runner/display_table.h"

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "core/base/error.h"

namespace oneshot::runner {
namespace {

using Json = nlohmann::json;

// What is worth to be looked at; whoever wants more reads the data itself.
constexpr std::size_t kMostRows = 100;
constexpr std::size_t kMostColumns = 30;
constexpr std::int64_t kMostIndexColumns = 8;
constexpr std::size_t kLongestText = 1024;

/// Follows the parser through a table. Its members come in this order and no others.
class TableReader {
 public:
  const std::string& fault() const { return fault_; }

  // What nlohmann::json's parser calls. False ends the parsing.

  bool null() { return Cell(); }
  bool boolean(bool) { return Cell(); }
  bool number_integer(std::int64_t) { return Cell(); }  // a negative one
  bool number_unsigned(std::uint64_t value) {
    if (place_ != Place::kCounts) return Cell();
    if (value > INT64_MAX) return Fail("a count is out of range");
    counts_[count_++] = static_cast<std::int64_t>(value);
    place_ = Place::kTable;
    return true;
  }
  bool number_float(double, const std::string&) { return Cell(); }
  bool string(std::string& text) {
    if (text.size() > kLongestText) return Fail("a text is too long");
    if (place_ != Place::kName) return Cell();
    place_ = Place::kColumn;
    return true;
  }
  /// JSON text has none.
  bool binary(Json::binary_t&) { return false; }

  bool start_object(std::size_t) {
    if (place_ == Place::kStart) return Go(Place::kTable);
    if (place_ != Place::kHead || columns_ == kMostColumns + kMostIndexColumns)
      return Fail("an object is not expected there");
    ++columns_;
    names_ = 0;
    return Go(Place::kColumn);
  }
  bool key(const std::string& key) {
    if (place_ == Place::kColumn) {
      constexpr std::array<std::string_view, 2> kNames{"name", "dtype"};
      if (names_ == kNames.size() || key != kNames[names_])
        return Fail("a column is not as it should be");
      ++names_;
      return Go(Place::kName);
    }
    constexpr std::array<std::string_view, 5> kMembers{"rows", "columns", "index_columns", "head",
                                                       "cells"};
    if (members_ == kMembers.size() || key != kMembers[members_])
      return Fail("its members are not rows, columns, index_columns, head and cells");
    constexpr std::array<Place, 5> kNext{Place::kCounts, Place::kCounts, Place::kCounts,
                                         Place::kBeforeHead, Place::kBeforeCells};
    return Go(kNext[members_++]);
  }
  bool end_object() {
    if (place_ == Place::kColumn)
      return names_ == 2 ? Go(Place::kHead) : Fail("a column has no name or type");
    return members_ == 5 ? Go(Place::kEnd) : Fail("a member is missing");
  }

  bool start_array(std::size_t) {
    if (place_ == Place::kBeforeHead) return Go(Place::kHead);
    if (place_ == Place::kBeforeCells) return Go(Place::kCells);
    if (place_ != Place::kCells || rows_ == kMostRows)
      return Fail("an array is not expected there");
    ++rows_;
    cells_ = 0;
    return Go(Place::kRow);
  }
  bool end_array() {
    if (place_ == Place::kHead)
      return HasRightColumns() ? Go(Place::kTable) : Fail("its columns are not as many as it says");
    if (place_ == Place::kRow)
      return cells_ == columns_ ? Go(Place::kCells) : Fail("a row has too few cells");
    return Go(Place::kTable);
  }

  bool parse_error(std::size_t, const std::string&, const Json::exception&) {
    return Fail("it is not JSON");
  }

 private:
  enum class Place {
    kStart,
    kTable,
    kCounts,
    kBeforeHead,
    kHead,
    kColumn,
    kName,
    kBeforeCells,
    kCells,
    kRow,
    kEnd,
  };

  bool Go(Place place) {
    place_ = place;
    return true;
  }
  bool Fail(const char* why) {
    if (fault_.empty()) fault_ = why;
    return false;
  }
  bool Cell() {
    if (place_ != Place::kRow || cells_ == columns_) return Fail("a value is not expected there");
    ++cells_;
    return true;
  }
  bool HasRightColumns() const {
    const std::int64_t index_columns = counts_[2];
    return index_columns <= kMostIndexColumns &&
           columns_ >= static_cast<std::size_t>(index_columns) &&
           columns_ - static_cast<std::size_t>(index_columns) <= kMostColumns;
  }

  Place place_{Place::kStart};
  std::array<std::int64_t, 3> counts_{};
  std::size_t count_{0};
  std::size_t members_{0};
  std::size_t names_{0};
  std::size_t columns_{0};
  std::size_t rows_{0};
  std::size_t cells_{0};
  std::string fault_;
};

}  // namespace

base::Status CheckTable(std::string_view json) {
  TableReader reader;
  if (Json::sax_parse(json, &reader)) return {};
  const std::string& why = reader.fault();
  return base::Error{base::ErrorCode::kInvalidArgument,
                     "it is no table" + (why.empty() ? why : ": " + why)};
}

}  // namespace oneshot::runner
