#pragma once

#include <string>
#include <vector>

namespace oneshot::store {

/// One file of core/store/migrations: forward only, one purpose, never edited once released (its
/// checksum is recorded).
struct Migration {
  std::string name;  // 0001_runs: number, then what it is about
  std::string sql;
};

/// All of them, in order.
const std::vector<Migration>& Migrations();

}  // namespace oneshot::store
