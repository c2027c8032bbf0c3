#include "tests/support/store/temporary_database.h"

#include <cstdlib>
#include <pqxx/pqxx>
#include <stdexcept>

#include "core/domain/run_id.h"

namespace oneshot::test {
namespace {

void ExecuteOn(const std::string& url, const std::string& sql) {
  pqxx::connection connection(url);
  pqxx::nontransaction(connection).exec(sql);
}

}  // namespace

TemporaryDatabase::TemporaryDatabase() {
  const char* url = std::getenv("ONESHOT_TEST_DATABASE_URL");
  if (url == nullptr)
    throw std::runtime_error(
        "ONESHOT_TEST_DATABASE_URL names no server (make test-contract sets it)");
  server_url_ = url;
  name_ = "test_" + domain::NewRunId(std::chrono::system_clock::now());
  // A URL: .../database?options. The part between the last slash and the question mark is the
  // database.
  const std::size_t options = server_url_.find('?');
  const std::size_t slash = server_url_.rfind('/', options);
  url_ = server_url_.substr(0, slash + 1) + name_ +
         (options == std::string::npos ? "" : server_url_.substr(options));
  ExecuteOn(server_url_, "CREATE DATABASE " + name_);
}

TemporaryDatabase::~TemporaryDatabase() {
  try {
    ExecuteOn(server_url_, "DROP DATABASE " + name_ + " WITH (FORCE)");
  } catch (const std::exception&) {
    // The server of the test run goes away as a whole.
  }
}

void TemporaryDatabase::Execute(const std::string& sql) const { ExecuteOn(url_, sql); }

std::shared_ptr<void> TemporaryDatabase::Lock(const std::string& sql) const {
  struct Transaction {
    explicit Transaction(const std::string& url) : connection(url), work(connection) {}
    pqxx::connection connection;
    pqxx::work work;
  };
  auto transaction = std::make_shared<Transaction>(url_);
  transaction->work.exec(sql);
  return transaction;
}

}  // namespace oneshot::test
