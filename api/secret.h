#pragma once

#include <string>
#include <string_view>

#include "core/base/random.h"

namespace oneshot::api {

/// Who has it may do something: 32 characters of the alphabet of ids, 160 random bits. No run's id
/// is as long.
std::string NewSecret(base::Random& random = base::SystemRandom());

/// True for exactly the strings that NewSecret can return.
bool IsSecret(std::string_view text);

/// What is stored of a secret that only its owner needs to have. It is random, so a plain SHA-256
/// is not to be reversed.
std::string HashOfSecret(std::string_view secret);

/// Takes as long wherever `text` differs from the secret.
bool IsSecretOf(std::string_view text, std::string_view hash);

}  // namespace oneshot::api
