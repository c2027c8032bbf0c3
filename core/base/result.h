#pragma once

#include <cstdlib>
#include <optional>
#include <utility>
#include <variant>

#include "core/base/error.h"

namespace oneshot::base {

/// Either a T or the Error that explains its absence. Reading the wrong side ends the process: it
/// is a defect, not input. Stands in for std::expected, which g++ 12 offers only as C++23.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit on purpose
  Result(Error error)
      : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit on purpose

  explicit operator bool() const { return state_.index() == 0; }

  const T& operator*() const& { return Value(); }
  T& operator*() & { return const_cast<T&>(std::as_const(*this).Value()); }
  T&& operator*() && { return std::move(const_cast<T&>(std::as_const(*this).Value())); }
  const T* operator->() const { return &Value(); }
  T* operator->() { return &**this; }
  const Error& error() const {
    if (*this) std::abort();
    return *std::get_if<1>(&state_);
  }

 private:
  const T& Value() const {
    if (!*this) std::abort();
    return *std::get_if<0>(&state_);
  }

  std::variant<T, Error> state_;
};

/// Success carries nothing.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit on purpose

  explicit operator bool() const { return !error_.has_value(); }
  const Error& error() const {
    if (*this) std::abort();
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace oneshot::base
