#include "controller/manifest/job_template.h"

#include <yaml-cpp/yaml.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>
#include <vector>

#include "controller/manifest/names.h"
#include "core/base/sha256.h"

namespace oneshot::manifest {

using nlohmann::json;

namespace {

json ToJson(const YAML::Node& node) {
  if (node.IsMap()) {
    json object = json::object();
    for (const auto& each : node) object[each.first.as<std::string>()] = ToJson(each.second);
    return object;
  }
  if (node.IsSequence()) {
    json array = json::array();
    for (const auto& each : node) array.push_back(ToJson(each));
    return array;
  }
  if (!node.IsScalar()) return nullptr;
  // A quoted scalar is a string whatever it looks like; yaml-cpp marks those with the tag "!".
  if (node.Tag() != "!") {
    bool truth{};
    if (YAML::convert<bool>::decode(node, truth)) return truth;
    std::int64_t number{};
    if (YAML::convert<std::int64_t>::decode(node, number)) return number;
  }
  return node.as<std::string>();
}

/// nogroup, as the image has it.
constexpr int kGroup = 65534;

/// In the pod's spec: where it would rather run.
constexpr const char* kNodePreferences =
    "/affinity/nodeAffinity/preferredDuringSchedulingIgnoredDuringExecution";

// What no template may change, as merge patches (RFC 7396: null removes): the promises of the
// sandbox, and what the controller's own logic rests on.
constexpr const char* kJobRules = R"(
apiVersion: batch/v1
kind: Job
metadata: {generateName: null}
spec:
  backoffLimit: 0 # the controller retries, one Job for each attempt
  completions: 1
  parallelism: 1
  suspend: false
  podReplacementPolicy: Failed
  podFailurePolicy: null # it would retry behind the record's back
  managedBy: null
  template:
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      enableServiceLinks: false
      hostNetwork: false
      hostPID: false
      hostIPC: false
      shareProcessNamespace: false
      securityContext: {runAsNonRoot: true}
)";
constexpr const char* kContainerRules = R"(
stdin: true
stdinOnce: false # a new controller attaches again
tty: false # a terminal would mix the streams and change bytes
terminationMessagePath: /dev/termination-log
terminationMessagePolicy: File
volumeMounts: null
livenessProbe: null
readinessProbe: null
startupProbe: null
securityContext: {privileged: false, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true}
)";

/// Throws json::exception if a section of the template has the wrong type.
void Enforce(json& manifest, const JobSettings& settings) {
  manifest["metadata"]["namespace"] = settings.run_namespace;
  json& job = manifest["spec"];
  job["activeDeadlineSeconds"] = settings.deadline_seconds;
  job["ttlSecondsAfterFinished"] = kTtlUntilStoredSeconds;
  json& pod = job["template"]["spec"];
  // These two only where the template says nothing. Without a group, a user whom the image does not
  // know would be in root's.
  pod["securityContext"].emplace("runAsGroup", kGroup);
  pod["securityContext"].emplace("seccompProfile", json{{"type", "RuntimeDefault"}});
  json& container = pod["containers"][0];
  container["name"] = kContainer;
  container["image"] = settings.image;
  container["securityContext"]["capabilities"] = {{"drop", {"ALL"}}};
  container.merge_patch(ToJson(YAML::Load(kContainerRules)));
  manifest.merge_patch(ToJson(YAML::Load(kJobRules)));
}

/// What setting cannot mend, because the operator must have meant something else: each fault on a
/// line of its own.
std::string Faults(const json& manifest, const JobSettings& settings) {
  const auto at = [&manifest](const std::string& path) {
    const json::json_pointer pointer(path);
    return manifest.contains(pointer) ? manifest.at(pointer) : json();
  };
  const std::string pod = "/spec/template/spec";
  std::string faults;
  const auto report = [&faults](const std::string& fault) {
    faults += (faults.empty() ? "Job template: " : "\nJob template: ") + fault;
  };
  if (!at("/kind").is_null() && at("/kind") != "Job") report("kind: must be Job");
  if (settings.image.empty()) report("kubernetes.image: is missing in the configuration");
  const json containers = at(pod + "/containers");
  if (!containers.is_array() || containers.size() != 1) {
    report("spec.template.spec.containers: must be a list of exactly one container");
  }
  for (const std::string key : {"volumes", "initContainers", "ephemeralContainers"}) {
    if (manifest.contains(json::json_pointer(pod + "/" + key)))
      report("spec.template.spec." + key + ": is not allowed in a run's pod");
  }
  if (at(pod + "/securityContext/runAsUser") == 0)
    report("spec.template.spec.securityContext.runAsUser: must not be 0");
  if (at(pod + "/securityContext/seccompProfile/type") == "Unconfined")
    report("spec.template.spec.securityContext.seccompProfile.type: must not be Unconfined");
  return faults;
}

/// To the Job and its pod. Throws json::exception if a section of the template has the wrong type.
void AddLabels(json& manifest, const json& labels) {
  for (json* object : {&manifest, &manifest["spec"]["template"]})
    (*object)["metadata"]["labels"].update(labels);
}

/// A user for the Job. The same again for the same name, whichever controller makes it.
std::int64_t UidOf(const std::string& job_name, const JobSettings& settings) {
  base::Sha256 hash;
  hash.Update(job_name);
  constexpr int kDigits = 8;
  constexpr int kBase = 16;
  return settings.first_uid +
         std::stoll(hash.HexDigest().substr(0, kDigits), nullptr, kBase) % settings.uids;
}

base::Error Refuse(const std::string& what) { return {base::ErrorCode::kInvalidArgument, what}; }

}  // namespace

struct JobTemplate::Manifest {
  explicit Manifest(json manifest) : root(std::move(manifest)) {}
  json root;
};

JobTemplate::JobTemplate(std::shared_ptr<const Manifest> manifest, JobSettings settings,
                         std::string fingerprint)
    : manifest_(std::move(manifest)),
      settings_(std::move(settings)),
      fingerprint_(std::move(fingerprint)) {}

base::Result<JobTemplate> JobTemplate::Parse(const std::string& yaml, const JobSettings& settings) {
  json manifest;
  try {
    manifest = ToJson(YAML::Load(yaml));
  } catch (const YAML::Exception& error) {
    return Refuse(std::string("Job template: ") + error.what());
  }
  if (!manifest.is_object()) return Refuse("Job template: must be a mapping");
  if (const std::string faults = Faults(manifest, settings); !faults.empty()) return Refuse(faults);
  try {
    Enforce(manifest, settings);
    base::Sha256 hash;
    hash.Update(manifest.dump());
    for (const std::int64_t number :
         {settings.memory_overhead_mib, settings.cpu_millis, settings.first_uid, settings.uids})
      hash.Update(std::to_string(number) + "/");
    const std::string fingerprint = hash.HexDigest().substr(0, 16);
    AddLabels(manifest, {{"app.kubernetes.io/name", "oneshot-run"},
                         {"app.kubernetes.io/instance", settings.instance},
                         {"app.kubernetes.io/component", "run"},
                         {"app.kubernetes.io/managed-by", "oneshot-controller"},
                         {kInstanceLabel, settings.instance},
                         {kTemplateLabel, fingerprint}});
    JobTemplate parsed(std::make_shared<Manifest>(std::move(manifest)), settings, fingerprint);
    // A section of the wrong type shows itself now, not with the first run.
    static_cast<void>(parsed.Render({.name = "check", .run_id = "check", .avoid_node = "check"}));
    return parsed;
  } catch (const json::exception& error) {
    return Refuse(std::string("Job template: a section has the wrong type: ") + error.what());
  }
}

base::Result<JobTemplate> JobTemplate::Load(const std::string& file_name,
                                            const JobSettings& settings) {
  std::ifstream file(file_name);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return Refuse("Job template: cannot read " + file_name);
  return Parse(text.str(), settings);
}

std::string JobTemplate::Render(const JobRequest& request) const {
  json manifest = manifest_->root;
  manifest["metadata"]["name"] = request.name;
  if (request.run_id.empty()) {
    AddLabels(manifest, {{kStateLabel, "waiting"}, {kPoolClassLabel, request.pool_class}});
  } else {
    AddLabels(manifest, {{kRunIdLabel, request.run_id},
                         {kAttemptLabel, std::to_string(request.attempt)},
                         {kStateLabel, "starting"}});
  }

  json& pod = manifest["spec"]["template"]["spec"];
  pod["securityContext"].emplace("runAsUser", UidOf(request.name, settings_));
  if (!request.priority_class.empty()) pod["priorityClassName"] = request.priority_class;
  if (!request.avoid_node.empty()) {
    // A preference beside the operator's own, with the highest weight: a cluster of one node must
    // still run it. By the node's name, because its host name may be another one.
    const json not_there{{"key", "metadata.name"},
                         {"operator", "NotIn"},
                         {"values", json::array({request.avoid_node})}};
    const json preference{{"matchFields", json::array({not_there})}};
    pod[json::json_pointer(kNodePreferences)].push_back(
        json{{"weight", 100}, {"preference", preference}});
  }
  json& container = pod["containers"][0];
  json& resources = container["resources"];
  // Request equals limit: a busy node's memory is then never this pod's fault.
  const std::string memory =
      std::to_string(request.memory_mib + settings_.memory_overhead_mib) + "Mi";
  resources["limits"]["memory"] = memory;
  resources["requests"]["memory"] = memory;
  resources["limits"]["cpu"] = std::to_string(settings_.cpu_millis) + "m";
  if (!resources["requests"].contains("cpu")) resources["requests"]["cpu"] = "50m";
  return manifest.dump();
}

}  // namespace oneshot::manifest
