#pragma once

#include "core/store/pg_run_store.h"
#include "core/store/pg_session.h"

/// How a store call runs, for this folder's .cpp files only.
namespace oneshot::store {

template <typename T>
base::Result<T> PgRunStore::With(
    Effect effect, const std::function<base::Result<T>(pqxx::nontransaction&)>& body) {
  auto lease = connections_.Acquire();
  if (!lease) return lease.error();
  try {
    pqxx::nontransaction session((**lease).connection);
    return body(session);
  } catch (const pqxx::broken_connection& error) {
    lease->Discard();
    return base::Error{effect == Effect::kWrites ? base::ErrorCode::kUnknownOutcome
                                                 : base::ErrorCode::kUnavailable,
                       error.what(), 1};
  } catch (const pqxx::serialization_failure& error) {
    return base::Error{base::ErrorCode::kUnavailable, error.what()};
  } catch (const pqxx::deadlock_detected& error) {
    return base::Error{base::ErrorCode::kUnavailable, error.what()};
  } catch (const pqxx::unique_violation& error) {
    return base::Error{base::ErrorCode::kAlreadyExists, error.what()};
  } catch (const pqxx::sql_error& error) {
    // Class 53 is "insufficient resources", 57 "operator intervention" (shutdown, statement
    // timeout): both pass.
    const std::string state = error.sqlstate();
    const bool passes = state.starts_with("53") || state.starts_with("57");
    if (state.starts_with("57")) lease->Discard();
    return base::Error{passes ? base::ErrorCode::kUnavailable : base::ErrorCode::kInternal,
                       error.what()};
  } catch (const std::exception& error) {
    lease->Discard();
    return base::Error{base::ErrorCode::kInternal, error.what()};
  }
}

}  // namespace oneshot::store
