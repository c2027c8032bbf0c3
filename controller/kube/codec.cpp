#include "controller/kube/codec.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace oneshot::kube {
namespace {

using nlohmann::json;

constexpr int kMaxDepth = 64;  // a Pod is about 12 deep; deeper is not one of ours
const json kAbsent;

/// Leaves out what is nested too deeply, and managedFields: often half of an object, and nothing we
/// read.
bool KeepValue(int depth, json::parse_event_t event, json& parsed) {
  if (depth > kMaxDepth) return false;
  return event != json::parse_event_t::key || !parsed.is_string() ||
         parsed.get_ref<const std::string&>() != "managedFields";
}

json Parse(std::string_view text) {
  return json::parse(text.begin(), text.end(), KeepValue, /*allow_exceptions=*/false);
}

const json& Member(const json& object, const char* key) {
  if (!object.is_object()) return kAbsent;
  const auto found = object.find(key);
  return found == object.end() ? kAbsent : *found;
}

std::string Text(const json& object, const char* key) {
  const json& value = Member(object, key);
  return value.is_string() ? value.get_ref<const std::string&>() : std::string();
}

int Number(const json& object, const char* key) {
  const json& value = Member(object, key);
  if (!value.is_number_integer()) return 0;
  const auto number = value.get<std::int64_t>();
  return std::in_range<int>(number) ? static_cast<int>(number) : 0;
}

ObjectMeta DecodeMeta(const json& object) {
  const json& metadata = Member(object, "metadata");
  return {.name = Text(metadata, "name"),
          .uid = Text(metadata, "uid"),
          .deleting = !Text(metadata, "deletionTimestamp").empty()};
}

const json& Labels(const json& object) { return Member(Member(object, "metadata"), "labels"); }

bool IsTrue(const json& condition) { return Text(condition, "status") == "True"; }

void Decode(const json& object, Job* job) {
  job->meta = DecodeMeta(object);
  if (const json& labels = Labels(object); labels.is_object()) {
    for (const auto& [key, value] : labels.items()) {
      if (value.is_string()) job->labels.emplace(key, value.get_ref<const std::string&>());
    }
  }
  const json& conditions = Member(Member(object, "status"), "conditions");
  if (!conditions.is_array()) return;
  for (const json& condition : conditions) {
    if (!IsTrue(condition)) continue;
    const std::string type = Text(condition, "type");
    const bool complete = type == "Complete" || type == "SuccessCriteriaMet";
    const bool failed = type == "Failed" || type == "FailureTarget";
    if (!complete && !failed) continue;
    job->complete = job->complete || complete;
    job->has_failed = job->has_failed || failed;
    job->condition_reason = Text(condition, "reason");
    job->ended_at = Text(condition, "lastTransitionTime");
  }
}

ContainerState DecodeContainer(const json& status) {
  ContainerState container;
  const json& statuses = Member(status, "containerStatuses");
  if (!statuses.is_array() || statuses.empty()) return container;
  const json& first = statuses.front();
  container.image_id = Text(first, "imageID");
  const json& state = Member(first, "state");
  using Kind = ContainerState::Kind;
  constexpr std::pair<const char*, Kind> kStates[] = {
      {"waiting", Kind::kWaiting}, {"running", Kind::kRunning}, {"terminated", Kind::kTerminated}};
  for (const auto& [key, kind] : kStates) {
    const json& detail = Member(state, key);
    if (!detail.is_object()) continue;
    container.kind = kind;
    container.reason = Text(detail, "reason");
    container.message = Text(detail, "message");
    container.exit_code = Number(detail, "exitCode");
  }
  return container;
}

void DecodePodCondition(const json& condition, Pod* pod) {
  const std::string type = Text(condition, "type");
  if (type == "PodScheduled") {
    pod->scheduled = IsTrue(condition);
    if (!pod->scheduled && Text(condition, "reason") == "Unschedulable") {
      pod->unschedulable_message = Text(condition, "message");
    }
  } else if (type == "DisruptionTarget" && IsTrue(condition)) {
    pod->disruption_reason = Text(condition, "reason");
  }
}

void Decode(const json& object, Pod* pod) {
  pod->meta = DecodeMeta(object);
  pod->job_name = Text(Labels(object), "batch.kubernetes.io/job-name");
  pod->node_name = Text(Member(object, "spec"), "nodeName");
  const json& status = Member(object, "status");
  pod->phase = Text(status, "phase");
  pod->reason = Text(status, "reason");
  pod->message = Text(status, "message");
  const json& conditions = Member(status, "conditions");
  if (conditions.is_array()) {
    for (const json& condition : conditions) DecodePodCondition(condition, pod);
  }
  pod->container = DecodeContainer(status);
}

void Decode(const json& object, Lease* lease) {
  lease->resource_version = Text(Member(object, "metadata"), "resourceVersion");
  const json& spec = Member(object, "spec");
  lease->holder = Text(spec, "holderIdentity");
  lease->duration_seconds = Number(spec, "leaseDurationSeconds");
  lease->acquire_time = Text(spec, "acquireTime");
  lease->renew_time = Text(spec, "renewTime");
  lease->transitions = Number(spec, "leaseTransitions");
}

/// The version asked for is newer than the server's storage, for example after that was restored
/// from a backup: apiserver's IsTooLargeResourceVersion, and the message for servers that name no
/// cause.
bool IsTooLargeVersion(const json& status) {
  if (Text(status, "reason") != "Timeout") return false;
  const json& causes = Member(Member(status, "details"), "causes");
  const auto is_it = [](const json& cause) {
    return Text(cause, "reason") == "ResourceVersionTooLarge";
  };
  return (causes.is_array() && std::ranges::any_of(causes, is_it)) ||
         Text(status, "message").find("Too large resource version") != std::string::npos;
}

base::ErrorCode CodeFor(int http_status, const std::string& reason) {
  using base::ErrorCode;
  // Some components put only the reason in (kubernetes/kubernetes: "Expired" with code 0 from a
  // proxy).
  if (reason == "Expired" || reason == "Gone") return ErrorCode::kExpired;
  switch (http_status) {
    case 400:
    case 413:
    case 422:
      return ErrorCode::kInvalidArgument;
    case 401:
    case 403:
      return ErrorCode::kPermissionDenied;
    case 404:
      return ErrorCode::kNotFound;
    case 409:
      return reason == "AlreadyExists" ? ErrorCode::kAlreadyExists : ErrorCode::kConflict;
    case 410:
      return ErrorCode::kExpired;
    case 0:
    case 408:
    case 429:
      return ErrorCode::kUnavailable;
    default:
      return http_status >= 500 ? ErrorCode::kUnavailable : ErrorCode::kInternal;
  }
}

/// `http_status` empty: the Status itself says it. Nothing is read from what is no Status.
base::Error DecodeError(const json& object, std::optional<int> http_status = {}) {
  const std::string kind = Text(object, "kind");
  // Attach's error channel leaves out the kind (client-go's writeStatus encodes a bare Status).
  const bool bare = kind.empty() && Text(object, "status") == "Failure";
  const json& status = kind == "Status" || bare ? object : kAbsent;
  return {IsTooLargeVersion(status)
              ? base::ErrorCode::kExpired
              : CodeFor(http_status.value_or(Number(status, "code")), Text(status, "reason")),
          Text(status, "message"), Number(Member(status, "details"), "retryAfterSeconds")};
}

std::optional<WatchEventType> EventType(const std::string& type) {
  if (type == "ADDED") return WatchEventType::kAdded;
  if (type == "MODIFIED") return WatchEventType::kModified;
  if (type == "DELETED") return WatchEventType::kDeleted;
  if (type == "BOOKMARK") return WatchEventType::kBookmark;
  if (type == "ERROR") return WatchEventType::kError;
  return std::nullopt;
}

base::Error Unreadable(const char* what) {
  return {base::ErrorCode::kInternal, std::string("unreadable answer: ") + what};
}

std::string Write(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

template <typename T>
base::Result<T> DecodeObject(std::string_view text) {
  const json object = Parse(text);
  if (Text(Member(object, "metadata"), "name").empty()) return Unreadable("no object");
  T decoded;
  Decode(object, &decoded);
  return decoded;
}

template <typename T>
base::Result<ListPage<T>> DecodeListPage(std::string_view text) {
  const json list = Parse(text);
  const json& items = Member(list, "items");
  const json& metadata = Member(list, "metadata");
  ListPage<T> page;
  page.resource_version = Text(metadata, "resourceVersion");
  page.continue_token = Text(metadata, "continue");
  // An empty list is `null` in the answer of some servers.
  if (page.resource_version.empty() || !(items.is_array() || items.is_null())) {
    return Unreadable("no list");
  }
  page.items.reserve(items.size());
  for (const json& item : items) {
    T decoded;
    Decode(item, &decoded);
    if (!decoded.meta.name.empty()) page.items.push_back(std::move(decoded));
  }
  return page;
}

template <typename T>
base::Result<WatchEvent<T>> DecodeWatchEvent(std::string_view text) {
  const json line = Parse(text);
  const json& object = Member(line, "object");
  const auto type = EventType(Text(line, "type"));
  if (!type || !object.is_object()) return Unreadable("no watch event");
  WatchEvent<T> event;
  event.type = *type;
  if (*type == WatchEventType::kError) {
    event.error = DecodeError(object);
    return event;
  }
  event.resource_version = Text(Member(object, "metadata"), "resourceVersion");
  if (event.resource_version.empty()) return Unreadable("watch event without a version");
  if (*type == WatchEventType::kBookmark) return event;
  Decode(object, &event.object);
  if (event.object.meta.name.empty()) return Unreadable("watch event without a name");
  return event;
}

template base::Result<Job> DecodeObject<Job>(std::string_view);
template base::Result<Pod> DecodeObject<Pod>(std::string_view);
template base::Result<Lease> DecodeObject<Lease>(std::string_view);
template base::Result<ListPage<Job>> DecodeListPage<Job>(std::string_view);
template base::Result<ListPage<Pod>> DecodeListPage<Pod>(std::string_view);
template base::Result<WatchEvent<Job>> DecodeWatchEvent<Job>(std::string_view);
template base::Result<WatchEvent<Pod>> DecodeWatchEvent<Pod>(std::string_view);

base::Error ErrorFromAnswer(int http_status, std::string_view body, int retry_after_seconds) {
  constexpr std::size_t kMaxShown = 512;
  base::Error error = DecodeError(Parse(body), http_status);
  error.retry_after_seconds = std::max(error.retry_after_seconds, retry_after_seconds);
  if (error.message.empty()) error.message = std::string(body.substr(0, kMaxShown));
  error.message = "HTTP " + std::to_string(http_status) + ": " + error.message;
  return error;
}

std::optional<base::Error> ErrorFromStatus(std::string_view text) {
  const json status = Parse(text);
  if (Text(status, "status") == "Success") return std::nullopt;
  return DecodeError(status);
}

bool IsJsonObject(std::string_view text) { return Parse(text).is_object(); }

std::string EncodeLease(const std::string& name, const Lease& lease) {
  json metadata{{"name", name}};
  if (!lease.resource_version.empty()) metadata["resourceVersion"] = lease.resource_version;
  json spec{{"holderIdentity", lease.holder},
            {"leaseDurationSeconds", lease.duration_seconds},
            {"leaseTransitions", lease.transitions}};
  if (!lease.acquire_time.empty()) spec["acquireTime"] = lease.acquire_time;
  if (!lease.renew_time.empty()) spec["renewTime"] = lease.renew_time;
  return Write({{"apiVersion", "coordination.k8s.io/v1"},
                {"kind", "Lease"},
                {"metadata", std::move(metadata)},
                {"spec", std::move(spec)}});
}

std::string EncodeDeleteOptions(const std::string& uid) {
  json options{
      {"apiVersion", "v1"}, {"kind", "DeleteOptions"}, {"propagationPolicy", "Background"}};
  if (!uid.empty()) options["preconditions"] = {{"uid", uid}};
  return Write(options);
}

std::string EncodeEvent(const EventNote& event, const std::string& run_namespace,
                        const std::string& instance, base::WallTime now) {
  constexpr std::size_t kMaxNote = 1024;  // both limits are the API server's validation
  constexpr std::size_t kMaxInstance = 128;
  // As client-go names them.
  const std::string name = event.job_name + "." + std::to_string(now.time_since_epoch().count());
  return Write({{"apiVersion", "events.k8s.io/v1"},
                {"kind", "Event"},
                {"metadata", {{"name", name}, {"namespace", run_namespace}}},
                {"eventTime", FormatMicroTime(now)},
                {"reportingController", "oneshot.dev/controller"},
                {"reportingInstance", instance.substr(0, kMaxInstance)},
                {"action", event.reason},
                {"reason", event.reason},
                {"note", event.note.substr(0, kMaxNote)},
                {"type", event.warning ? "Warning" : "Normal"},
                {"regarding",
                 {{"apiVersion", "batch/v1"},
                  {"kind", "Job"},
                  {"namespace", run_namespace},
                  {"name", event.job_name},
                  {"uid", event.job_uid}}}});
}

std::string FormatMicroTime(base::WallTime time) {
  const auto since_epoch =
      std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = since_epoch / 1'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + length, sizeof text - length, ".%06dZ",
                static_cast<int>(since_epoch % 1'000'000));
  return text;
}

}  // namespace oneshot::kube
