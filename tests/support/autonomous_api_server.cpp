#include "tests/support/autonomous_api_server.h"

#include <algorithm>
#include <utility>

namespace oneshot::test {
namespace {

using nlohmann::json;

constexpr int kStdout = 1;
constexpr int kStatus = 3;
constexpr const char* kTime = "2026-01-01T00:00:00Z";

json StatusObject(int code, const std::string& reason, const std::string& message) {
  return {{"kind", "Status"}, {"apiVersion", "v1"}, {"status", code < 400 ? "Success" : "Failure"},
          {"code", code},     {"reason", reason},   {"message", message}};
}

std::string Failure(int code, const std::string& reason, const std::string& message) {
  return Answer(code, StatusObject(code, reason, message).dump());
}

std::string NotFound(const std::string& name) {
  return Failure(404, "NotFound", "\"" + name + "\" not found");
}

std::string WatchLine(const std::string& type, const json& object) {
  return Chunk(json{{"type", type}, {"object", object}}.dump() + "\n");
}

json ContainerStatus(const json& state) {
  return {{{"name", "python"},
           {"image", "oneshot.local/python:test"},
           {"imageID", "sha256:test"},
           {"state", state}}};
}

json Condition(const std::string& type) { return {{"type", type}, {"status", "True"}}; }

}  // namespace

AutonomousApiServer::AutonomousApiServer(Options options)
    : options_(std::move(options)), server_(*this) {}

AutonomousApiServer::~AutonomousApiServer() { server_.Stop(); }

std::optional<AutonomousApiServer::Route> AutonomousApiServer::RouteOf(const Request& request) {
  // /api/v1/namespaces/<ns>/pods[/<name>[/<subresource>]], /apis/<group>/<version>/namespaces/...
  const std::string path = request.Path();
  const std::size_t namespaces = path.find("/namespaces/");
  if (namespaces == std::string::npos) return std::nullopt;
  std::vector<std::string> parts;
  for (std::size_t at = namespaces + 12; at <= path.size();) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    parts.push_back(path.substr(at, slash - at));
    at = slash + 1;
  }
  parts.resize(4);  // namespace, kind, name, subresource
  return Route{parts[1], parts[2], parts[3]};
}

const AutonomousApiServer::Trouble* AutonomousApiServer::TroubleFor(const Request& request) {
  for (Trouble& trouble : state_.troubles) {
    if (trouble.times > 0 && trouble.method == request.method &&
        request.Path().find(trouble.path_part) != std::string::npos) {
      --trouble.times;
      return &trouble;
    }
  }
  return nullptr;
}

void AutonomousApiServer::OnRequest(ConnectionId connection, const Request& request) {
  const std::lock_guard lock(mutex_);
  ++state_.requests[request.method + " " + request.Path()];
  const Trouble* trouble = TroubleFor(request);
  if (trouble != nullptr && trouble->status != 0) {
    return server_.Send(connection, Failure(trouble->status, "Test", "refused by the test"));
  }
  const auto route = RouteOf(request);
  if (!route) return server_.Send(connection, NotFound(request.Path()));
  std::string answer = Handle(connection, request, *route);
  FeedWatches();
  if (trouble != nullptr) return server_.Reset(connection);
  server_.Send(connection, std::move(answer));
}

std::string AutonomousApiServer::Handle(ConnectionId connection, const Request& request,
                                        const Route& route) {
  if (request.method == "POST") {
    json object = json::parse(request.body, nullptr, /*allow_exceptions=*/false);
    if (!object.is_object()) return Failure(400, "BadRequest", "not an object");
    return Create(route.kind, std::move(object));
  }
  if (route.name.empty()) {
    if (request.Query("watch") == "true") return StartWatch(connection, request, route);
    json items = json::array();
    for (const json* object : state_.table.List(route.kind, request.Query("labelSelector"))) {
      items.push_back(*object);
    }
    return Answer(200,
                  json{{"kind", "List"},
                       {"metadata", {{"resourceVersion", std::to_string(state_.table.Version())}}},
                       {"items", std::move(items)}}
                      .dump());
  }
  const json* found = state_.table.Find(route.kind, route.name);
  if (found == nullptr) return NotFound(route.name);
  if (route.subresource == "log") {
    return IsRunning(route.name) || state_.logs.contains(route.name)
               ? Answer(200, state_.logs[route.name])
               : Failure(400, "BadRequest", "container is waiting to start: ContainerCreating");
  }
  if (route.subresource == "attach") return StartAttach(connection, request, route);
  if (request.method == "DELETE") return Delete(request, route);
  if (request.method == "GET") return Answer(200, found->dump());
  return Change(request, route);
}

std::string AutonomousApiServer::Create(const std::string& kind, json object) {
  json& metadata = object["metadata"];
  const std::string name = metadata.value("name", "");
  if (name.empty()) return Failure(422, "Invalid", "metadata.name: Required value");
  if (state_.table.Find(kind, name) != nullptr) {
    return Failure(409, "AlreadyExists", "\"" + name + "\" already exists");
  }
  metadata["creationTimestamp"] = kTime;
  const json stored = state_.table.Put(kind, std::move(object));
  if (kind == "jobs") MakePod(stored);
  return Answer(201, stored.dump());
}

std::string AutonomousApiServer::Change(const Request& request, const Route& route) {
  const json change = json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  if (!change.is_object()) return Failure(400, "BadRequest", "not an object");
  json object = *state_.table.Find(route.kind, route.name);
  const std::string version = change.value("/metadata/resourceVersion"_json_pointer, "");
  if (!version.empty() && version != object["metadata"]["resourceVersion"]) {
    return Failure(409, "Conflict", "the object has been modified");
  }
  if (request.method == "PATCH") {
    object.merge_patch(change);
  } else {
    const json uid = object["metadata"]["uid"];
    object = change;
    object["metadata"]["uid"] = uid;
  }
  return Answer(200, state_.table.Put(route.kind, std::move(object)).dump());
}

std::string AutonomousApiServer::Delete(const Request& request, const Route& route) {
  const json options = json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  const std::string uid =
      options.is_object() ? options.value("/preconditions/uid"_json_pointer, "") : std::string();
  const json job = *state_.table.Find(route.kind, route.name);
  if (!uid.empty() && uid != job["metadata"]["uid"]) {
    return Failure(409, "Conflict", "the UID in the precondition does not match");
  }
  state_.table.Remove(route.kind, route.name);
  const std::string pod = route.name + "-pod";
  if (route.kind == "jobs" && state_.table.Remove("pods", pod)) {
    EndAttaches(pod, StatusObject(500, "InternalError", "container not found").dump());
    state_.logs.erase(pod);
  }
  return Answer(200, StatusObject(200, "", "").dump());
}

std::string AutonomousApiServer::StartWatch(ConnectionId connection, const Request& request,
                                            const Route& route) {
  WatchStream watch{route.kind, request.Query("labelSelector"),
                    std::strtoull(request.Query("resourceVersion").c_str(), nullptr, 10)};
  if (!state_.table.Since(watch.version, watch.kind, watch.label_selector)) {
    return Failure(410, "Expired", "too old resource version");
  }
  server_.Send(connection, ChunkedAnswerHead());
  state_.watches[connection] = std::move(watch);
  return {};
}

void AutonomousApiServer::FeedWatches() {
  for (auto& [connection, watch] : state_.watches) {
    const auto since = state_.table.Since(watch.version, watch.kind, watch.label_selector);
    if (!since) continue;
    for (const ObjectTable::Happening* happening : *since) {
      server_.Send(connection, WatchLine(happening->type, happening->object));
    }
    watch.version = state_.table.Version();
  }
}

void AutonomousApiServer::MakePod(const json& job) {
  const std::string job_name = job["metadata"]["name"];
  json labels = job.value("/spec/template/metadata/labels"_json_pointer, json::object());
  labels["batch.kubernetes.io/job-name"] = job_name;
  const std::string name = job_name + "-pod";
  state_.table.Put(
      "pods", {{"metadata", {{"name", name}, {"labels", labels}, {"creationTimestamp", kTime}}},
               {"spec", {{"nodeName", "node-1"}}},
               {"status", {{"phase", "Pending"}, {"conditions", {Condition("PodScheduled")}}}}});
  if (state_.hold_pods) {
    state_.held_pods.insert(name);
    return;
  }
  server_.After(options_.start_delay, [this, name] {
    const std::lock_guard lock(mutex_);
    StartPod(name);
  });
}

void AutonomousApiServer::StartPod(const std::string& pod) {
  const json* found = state_.table.Find("pods", pod);
  if (found == nullptr || found->at("status").at("phase") != "Pending") return;
  json object = *found;
  object["status"]["phase"] = "Running";
  object["status"]["containerStatuses"] = ContainerStatus({{"running", {{"startedAt", kTime}}}});
  state_.table.Put("pods", std::move(object));
  for (const std::string& line : options_.first_lines) Print(pod, line);
  FeedWatches();
}

bool AutonomousApiServer::IsRunning(const std::string& pod) const {
  const json* found = state_.table.Find("pods", pod);
  return found != nullptr && found->at("status").at("phase") == "Running";
}

std::string AutonomousApiServer::StartAttach(ConnectionId connection, const Request& request,
                                             const Route& route) {
  if (!IsRunning(route.name)) return Failure(400, "BadRequest", "the container is not running");
  server_.Send(connection, UpgradeAnswer(request.Header("sec-websocket-key")));
  server_.BecomeWebSocket(connection);
  state_.attaches[connection] = {route.name, {}};
  return {};
}

void AutonomousApiServer::OnMessage(ConnectionId connection, const Frame& frame) {
  const std::lock_guard lock(mutex_);
  if (frame.opcode == Opcode::kClose) {
    state_.attaches.erase(connection);
    server_.Send(connection, EncodeFrame({Opcode::kClose, true, frame.payload}));
    return server_.Close(connection);
  }
  if (frame.opcode == Opcode::kPing) {
    return server_.Send(connection, EncodeFrame({Opcode::kPong, true, frame.payload}));
  }
  const auto attach = state_.attaches.find(connection);
  if (attach == state_.attaches.end() || frame.payload.empty() || frame.payload[0] != 0) return;
  const std::string pod = attach->second.pod;
  std::string bytes = std::exchange(attach->second.unfinished_line, {}) + frame.payload.substr(1);
  while (IsRunning(pod)) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string::npos) break;
    const std::string line = bytes.substr(0, end);
    bytes.erase(0, end + 1);
    Act(pod, options_.on_line(*state_.table.Find("pods", pod), line));
  }
  if (const auto still = state_.attaches.find(connection); still != state_.attaches.end()) {
    still->second.unfinished_line = std::move(bytes);
  }
  FeedWatches();
}

void AutonomousApiServer::Act(const std::string& pod, const Reply& reply) {
  if (!IsRunning(pod)) return;
  for (const std::string& line : reply.lines) Print(pod, line);
  if (reply.exit_code) return EndPod(pod, *reply.exit_code);
  if (!reply.then) return;
  if (reply.works == reply.works.zero()) return Act(pod, reply.then());
  server_.After(reply.works, [this, pod, then = reply.then] {
    const std::lock_guard lock(mutex_);
    if (IsRunning(pod)) Act(pod, then());
    FeedWatches();
  });
}

void AutonomousApiServer::Print(const std::string& pod, const std::string& line) {
  const std::string bytes = line + "\n";
  state_.logs[pod] += bytes;
  for (const auto& [connection, attach] : state_.attaches) {
    if (attach.pod == pod) server_.Send(connection, EncodeMessage(kStdout, bytes));
  }
}

void AutonomousApiServer::EndPod(const std::string& pod, int exit_code) {
  json object = *state_.table.Find("pods", pod);
  object["status"]["phase"] = exit_code == 0 ? "Succeeded" : "Failed";
  object["status"]["containerStatuses"] =
      ContainerStatus({{"terminated",
                        {{"exitCode", exit_code},
                         {"reason", exit_code == 0 ? "Completed" : "Error"},
                         {"startedAt", kTime},
                         {"finishedAt", kTime}}}});
  const std::string job_name = object["metadata"]["labels"]["batch.kubernetes.io/job-name"];
  state_.table.Put("pods", std::move(object));
  if (const json* found = state_.table.Find("jobs", job_name)) {
    json job = *found;
    job["status"]["conditions"] = {Condition(exit_code == 0 ? "Complete" : "Failed")};
    state_.table.Put("jobs", std::move(job));
  }
  EndAttaches(pod, StatusObject(200, "", "").dump());
}

void AutonomousApiServer::EndAttaches(const std::string& pod, const std::string& status) {
  std::erase_if(state_.attaches, [&](const auto& entry) {
    if (entry.second.pod != pod) return false;
    server_.Send(entry.first, EncodeMessage(kStatus, status));
    server_.Close(entry.first);
    return true;
  });
}

void AutonomousApiServer::OnGone(ConnectionId connection) {
  const std::lock_guard lock(mutex_);
  state_.watches.erase(connection);
  state_.attaches.erase(connection);
}

}  // namespace oneshot::test
