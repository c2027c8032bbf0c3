// What tests look at in the autonomous API server, and the trouble they make for its clients.
#include <utility>

#include "tests/support/autonomous_api_server.h"

namespace oneshot::test {

using nlohmann::json;

std::vector<std::string> AutonomousApiServer::Names(const std::string& kind) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const json* object : state_.table.List(kind, {})) {
    names.push_back(object->at("metadata").at("name"));
  }
  return names;
}

std::optional<json> AutonomousApiServer::Object(const std::string& kind,
                                                const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const json* found = state_.table.Find(kind, name);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

std::size_t AutonomousApiServer::RequestCount(const std::string& method,
                                              const std::string& path_part) const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [request, times] : state_.requests) {
    if (request.starts_with(method + " ") && request.find(path_part) != std::string::npos) {
      count += times;
    }
  }
  return count;
}

std::size_t AutonomousApiServer::AttachCount() const {
  const std::lock_guard lock(mutex_);
  return state_.attaches.size();
}

std::string AutonomousApiServer::LogOf(const std::string& pod) const {
  const std::lock_guard lock(mutex_);
  const auto found = state_.logs.find(pod);
  return found == state_.logs.end() ? std::string() : found->second;
}

void AutonomousApiServer::Refuse(const std::string& method, const std::string& path_part,
                                 int status, int times) {
  const std::lock_guard lock(mutex_);
  state_.troubles.push_back({method, path_part, status, times});
}

void AutonomousApiServer::LoseAnswers(const std::string& method, const std::string& path_part,
                                      int times) {
  Refuse(method, path_part, /*status=*/0, times);
}

void AutonomousApiServer::EndTroubles() {
  const std::lock_guard lock(mutex_);
  state_.troubles.clear();
}

void AutonomousApiServer::Do(std::function<void()> task) {
  server_.Post([this, task = std::move(task)] {
    const std::lock_guard lock(mutex_);
    task();
    FeedWatches();
  });
}

void AutonomousApiServer::CutWatches() {
  Do([this] {
    for (const auto& [connection, watch] : std::exchange(state_.watches, {})) {
      server_.Reset(connection);
    }
  });
}

void AutonomousApiServer::ExpireWatches() {
  Do([this] { state_.table.Compact(); });
  CutWatches();
}

void AutonomousApiServer::CutAttaches() {
  Do([this] {
    for (const auto& [connection, attach] : std::exchange(state_.attaches, {})) {
      server_.Reset(connection);
    }
  });
}

void AutonomousApiServer::SetPodStatus(const std::string& pod, const json& status) {
  Do([this, pod, status] {
    const json* found = state_.table.Find("pods", pod);
    if (found == nullptr) return;
    json object = *found;
    object["status"].merge_patch(status);
    state_.table.Put("pods", std::move(object));
    if (!IsRunning(pod)) EndAttaches(pod, R"({"kind":"Status","status":"Success"})");
  });
}

void AutonomousApiServer::RemovePod(const std::string& pod) {
  Do([this, pod] {
    state_.table.Remove("pods", pod);
    state_.logs.erase(pod);
    EndAttaches(pod, R"({"kind":"Status","status":"Failure","code":404,"reason":"NotFound"})");
  });
}

void AutonomousApiServer::HoldPods() {
  const std::lock_guard lock(mutex_);
  state_.hold_pods = true;
}

void AutonomousApiServer::StartPods() {
  Do([this] {
    state_.hold_pods = false;
    for (const std::string& pod : std::exchange(state_.held_pods, {})) StartPod(pod);
  });
}

}  // namespace oneshot::test
