#pragma once

#include <memory>
#include <string>

namespace oneshot::test {

/// A database of its own for one test, dropped with the object, on the server that
/// ONESHOT_TEST_DATABASE_URL names. Fails the test when the variable is missing: a skipped contract
/// proves nothing.
class TemporaryDatabase {
 public:
  TemporaryDatabase();
  ~TemporaryDatabase();
  TemporaryDatabase(const TemporaryDatabase&) = delete;
  TemporaryDatabase& operator=(const TemporaryDatabase&) = delete;

  const std::string& url() const { return url_; }
  const std::string& name() const { return name_; }

  /// Runs one statement on it, for arranging what the store has no words for.
  void Execute(const std::string& sql) const;

  /// Runs one statement in a transaction that stays open until the result is destroyed.
  std::shared_ptr<void> Lock(const std::string& sql) const;

 private:
  std::string server_url_;
  std::string name_;
  std::string url_;
};

}  // namespace oneshot::test
