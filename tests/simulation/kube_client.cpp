#include "tests/simulation/kube_client.h"

#include <string_view>

#include "controller/manifest/names.h"

namespace oneshot::simulation {
namespace {

using base::Result;
using base::Status;
using Side = Process::Side;
using Effect = Process::Effect;

/// The text behind `"key":"` in JSON without spaces; reading it as JSON would cost more than the
/// rest of a schedule.
std::string TextAfter(std::string_view json, const std::string& key) {
  const std::string quoted = "\"" + key + "\":\"";
  const auto begin = json.find(quoted);
  if (begin == std::string_view::npos) return {};
  const auto rest = json.substr(begin + quoted.size());
  return std::string(rest.substr(0, rest.find('"')));
}

}  // namespace

Result<kube::Job> KubeClient::CreateJob(const std::string& manifest) {
  kube::Job job;
  // The Job's own metadata come before its spec, and its name before other names.
  const auto metadata = manifest.find("\"metadata\":{");
  const std::string_view own = std::string_view(manifest).substr(metadata);
  job.meta.name = TextAfter(own, "name");
  for (const char* label : {manifest::kPoolClassLabel, manifest::kTemplateLabel})
    job.labels[label] = TextAfter(own, label);
  return process_.Call<Result<kube::Job>>(Side::kApi, Effect::kWrite, {"creates ", job.meta.name},
                                          [this, job] { return cluster_.CreateJob(job); });
}

Result<kube::Job> KubeClient::GetJob(const std::string& name) {
  return process_.Call<Result<kube::Job>>(Side::kApi, Effect::kRead, {"asks for ", name, false},
                                          [this, name] { return cluster_.GetJob(name); });
}

Result<kube::Pod> KubeClient::GetPod(const std::string& name) {
  return process_.Call<Result<kube::Pod>>(Side::kApi, Effect::kRead, {"asks for ", name, false},
                                          [this, name] { return cluster_.GetPod(name); });
}

Result<kube::Job> KubeClient::PatchJob(const std::string& name, const std::string& patch) {
  const bool limits_age = patch.find("ttlSecondsAfterFinished") != std::string::npos;
  return process_.Call<Result<kube::Job>>(Side::kApi, Effect::kWrite, {"patches ", name},
                                          [this, name, limits_age] {
                                            if (limits_age) cluster_.LimitAge(name);
                                            return cluster_.GetJob(name);
                                          });
}

Status KubeClient::PatchPod(const std::string& name, const std::string& /*patch*/) {
  return process_.Call<Status>(Side::kApi, Effect::kWrite, {"patches ", name},
                               [this, name] { return cluster_.HasPod(name); });
}

Status KubeClient::DeleteJob(const std::string& name, const std::string& uid) {
  return process_.Call<Status>(Side::kApi, Effect::kWrite, {"deletes ", name},
                               [this, name, uid] { return cluster_.DeleteJob(name, uid, owner_); });
}

Result<std::string> KubeClient::ReadLog(const std::string& pod_name, std::size_t /*limit*/) {
  return process_.Call<Result<std::string>>(
      Side::kApi, Effect::kRead, {"reads the log of ", pod_name, false},
      [this, pod_name] { return cluster_.ReadLog(pod_name); });
}

Status KubeClient::CreateEvent(const kube::EventNote& /*event*/) { return {}; }

Result<kube::Lease> KubeClient::GetLease(const std::string& /*name*/,
                                         std::chrono::milliseconds timeout) {
  return process_.Call<Result<kube::Lease>>(
      Side::kApi, Effect::kRead, {"reads the Lease"}, [this] { return cluster_.GetLease(); },
      timeout);
}

Result<kube::Lease> KubeClient::WriteLease(const std::string& /*name*/, const kube::Lease& lease,
                                           std::chrono::milliseconds timeout) {
  return process_.Call<Result<kube::Lease>>(
      Side::kApi, Effect::kWrite, {"writes the Lease"},
      [this, lease] { return cluster_.WriteLease(lease); }, timeout);
}

}  // namespace oneshot::simulation
