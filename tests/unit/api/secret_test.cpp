#include "api/secret.h"

#include <gtest/gtest.h>

#include <set>

#include "core/domain/run_id.h"

namespace oneshot::api {
namespace {

TEST(Secret, Has160RandomBitsInTheAlphabetOfIds) {
  std::set<std::string> secrets;
  std::set<char> characters;
  for (int i = 0; i < 1000; ++i) {
    const std::string secret = NewSecret();
    EXPECT_EQ(secret.size(), 32U);
    EXPECT_TRUE(IsSecret(secret));
    EXPECT_FALSE(domain::IsRunId(secret));
    secrets.insert(secret);
    characters.insert(secret.begin(), secret.end());
  }
  EXPECT_EQ(secrets.size(), 1000U);
  EXPECT_EQ(characters.size(), 32U) << "all of them";
}

TEST(Secret, TakesEveryBitFromTheKernel) {
  class Counting final : public base::Random {
   public:
    std::string Bytes(std::size_t size) override {
      std::string bytes;
      for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i);
      return bytes;
    }
    double Fraction() override { return 0; }
  };
  Counting random;
  EXPECT_EQ(NewSecret(random), domain::kIdAlphabet);
}

TEST(Secret, RefusesWhatItNeverMakes) {
  const std::string good = NewSecret();
  for (const std::string& bad : {std::string(), good.substr(1), good + "0", "I" + good.substr(1),
                                 "u" + good.substr(1), good.substr(1) + std::string(1, '\0')})
    EXPECT_FALSE(IsSecret(bad)) << bad;
}

TEST(Secret, IsKnownByItsHashAlone) {
  const std::string secret = NewSecret();
  const std::string hash = HashOfSecret(secret);
  EXPECT_EQ(hash.find(secret), std::string::npos);
  EXPECT_TRUE(IsSecretOf(secret, hash));
  EXPECT_FALSE(IsSecretOf(NewSecret(), hash));
  EXPECT_FALSE(IsSecretOf("", hash));
  EXPECT_FALSE(IsSecretOf(hash, hash));
  EXPECT_FALSE(IsSecretOf(secret, ""));
}

}  // namespace
}  // namespace oneshot::api
