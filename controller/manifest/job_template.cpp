#include "controller/manifest/job_template.h"

#include <yaml-cpp/yaml.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "controller/manifest/names.h"
#include "core/base/sha256.h"

namespace oneshot::manifest {

using nlohmann::json;

class JobTemplate::Json {
 public:
  explicit Json(json manifest) : value(std::move(manifest)) {}
  const json value;
};

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

/// What no template may change: the promises of the sandbox, and what the controller's own logic
/// rests on.
void Enforce(json& manifest, const JobSettings& settings) {
  manifest["apiVersion"] = "batch/v1";
  manifest["kind"] = "Job";
  manifest["metadata"]["namespace"] = settings.run_namespace;
  manifest["metadata"].erase("generateName");
  json& job = manifest["spec"];
  job["backoffLimit"] = 0;  // the controller retries, one Job for each attempt
  job["completions"] = 1;
  job["parallelism"] = 1;
  job["suspend"] = false;
  job["podReplacementPolicy"] = "Failed";
  job["activeDeadlineSeconds"] = settings.deadline_seconds;
  job["ttlSecondsAfterFinished"] = settings.ttl_seconds;
  job.erase("podFailurePolicy");  // it would retry behind the record's back
  job.erase("managedBy");

  json& pod = job["template"]["spec"];
  pod["restartPolicy"] = "Never";
  pod["automountServiceAccountToken"] = false;
  pod["enableServiceLinks"] = false;
  pod["hostNetwork"] = false;
  pod["hostPID"] = false;
  pod["hostIPC"] = false;
  pod["shareProcessNamespace"] = false;
  pod.erase("volumes");
  pod.erase("initContainers");
  pod["securityContext"]["runAsNonRoot"] = true;
  if (!pod["securityContext"].contains("runAsUser")) pod["securityContext"]["runAsUser"] = 65534;
  if (!pod["securityContext"].contains("seccompProfile")) {
    pod["securityContext"]["seccompProfile"]["type"] = "RuntimeDefault";
  }

  json& container = pod["containers"][0];
  container["name"] = kContainer;
  container["image"] = settings.image;
  container["stdin"] = true;
  container["stdinOnce"] = false;  // a new controller attaches again
  container["tty"] = false;        // a terminal would mix the streams and change bytes
  container["terminationMessagePath"] = "/dev/termination-log";
  container["terminationMessagePolicy"] = "File";
  container.erase("volumeMounts");
  container.erase("livenessProbe");
  container.erase("readinessProbe");
  container.erase("startupProbe");
  container["securityContext"]["privileged"] = false;
  container["securityContext"]["allowPrivilegeEscalation"] = false;
  container["securityContext"]["readOnlyRootFilesystem"] = true;
  container["securityContext"]["capabilities"] = {{"drop", {"ALL"}}};
}

/// What setting cannot mend, because the operator must have meant something else.
std::vector<std::string> Check(const json& manifest, const JobSettings& settings) {
  std::vector<std::string> faults;
  const auto object = [](const json& value, const char* key) {
    return value.contains(key) && value[key].is_object() ? value[key] : json::object();
  };
  const json pod = object(object(object(manifest, "spec"), "template"), "spec");
  if (manifest.value("kind", "Job") != "Job") faults.emplace_back("kind: must be Job");
  if (settings.image.empty())
    faults.emplace_back("kubernetes.image: is missing in the configuration");
  const auto containers = pod.find("containers");
  if (containers == pod.end() || !containers->is_array() || containers->size() != 1) {
    faults.emplace_back("spec.template.spec.containers: must be a list of exactly one container");
  }
  for (const char* key : {"volumes", "initContainers", "ephemeralContainers"}) {
    if (pod.contains(key))
      faults.push_back(std::string("spec.template.spec.") + key +
                       ": is not allowed in a run's pod");
  }
  const json context = object(pod, "securityContext");
  if (context.contains("runAsUser") && context["runAsUser"] == 0) {
    faults.emplace_back("spec.template.spec.securityContext.runAsUser: must not be 0");
  }
  if (object(context, "seccompProfile").value("type", "RuntimeDefault") == "Unconfined") {
    faults.emplace_back(
        "spec.template.spec.securityContext.seccompProfile.type: must not be Unconfined");
  }
  return faults;
}

base::Error Refuse(const std::string& what) { return {base::ErrorCode::kInvalidArgument, what}; }

/// One variable of the container, in the place of the template's.
void SetVariable(json& container, const char* name, std::string value) {
  json variables = json::array();
  if (container.contains("env") && container["env"].is_array()) {
    for (const json& each : container["env"]) {
      if (each.value("name", "") != name) variables.push_back(each);
    }
  }
  variables.push_back({{"name", name}, {"value", std::move(value)}});
  container["env"] = std::move(variables);
}

std::string Joined(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) joined += (joined.empty() ? "" : ",") + name;
  return joined;
}

std::string Mebibytes(std::int64_t count) { return std::to_string(count) + "Mi"; }

}  // namespace

JobTemplate::JobTemplate(std::shared_ptr<const Json> manifest, JobSettings settings,
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
  std::string faults;
  for (const std::string& fault : Check(manifest, settings)) {
    faults += (faults.empty() ? "Job template: " : "\nJob template: ") + fault;
  }
  if (!faults.empty()) return Refuse(faults);
  try {
    Enforce(manifest, settings);
  } catch (const json::exception& error) {
    return Refuse(std::string("Job template: a section has the wrong type: ") + error.what());
  }
  base::Sha256 hash;
  hash.Update(manifest.dump());
  hash.Update(std::to_string(settings.memory_overhead_mib) + "/" +
              std::to_string(settings.cpu_millis));
  return JobTemplate(std::make_shared<const Json>(std::move(manifest)), settings,
                     hash.HexDigest().substr(0, 16));
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
  json manifest = manifest_->value;
  json labels = {{"app.kubernetes.io/name", "oneshot-run"},
                 {"app.kubernetes.io/instance", settings_.instance},
                 {"app.kubernetes.io/component", "run"},
                 {"app.kubernetes.io/managed-by", "oneshot-controller"},
                 {kInstanceLabel, settings_.instance},
                 {kTemplateLabel, fingerprint_}};
  if (request.run_id.empty()) {
    labels[kStateLabel] = "waiting";
    labels[kPoolClassLabel] = request.pool_class;
  } else {
    labels[kRunIdLabel] = request.run_id;
    labels[kAttemptLabel] = std::to_string(request.attempt);
    labels[kStateLabel] = "starting";
  }
  manifest["metadata"]["name"] = request.name;
  json& job = manifest["spec"];
  for (json* metadata : {&manifest["metadata"], &job["template"]["metadata"]})
    (*metadata)["labels"].update(labels);

  json& pod = job["template"]["spec"];
  if (!request.priority_class.empty()) pod["priorityClassName"] = request.priority_class;
  json& container = pod["containers"][0];
  if (!request.run_id.empty()) SetVariable(container, kPreloadVariable, Joined(request.preload));
  json& resources = container["resources"];
  // Request equals limit: a busy node's memory is then never this pod's fault.
  const std::string memory = Mebibytes(request.memory_mib + settings_.memory_overhead_mib);
  resources["limits"]["memory"] = memory;
  resources["requests"]["memory"] = memory;
  resources["limits"]["cpu"] = std::to_string(settings_.cpu_millis) + "m";
  if (!resources["requests"].contains("cpu")) resources["requests"]["cpu"] = "50m";
  return manifest.dump();
}

}  // namespace oneshot::manifest
