#include "controller/manifest/job_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "controller/manifest/names.h"

namespace oneshot::manifest {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const JobSettings kSettings{.run_namespace = "oneshot-runs", .image = "python:test"};

constexpr const char* kTemplate = R"(
apiVersion: batch/v1
kind: Job
spec:
  template:
    metadata:
      annotations: {keep: "yes"}
    spec:
      runtimeClassName: gvisor
      nodeSelector: {disk: "1"}
      containers:
        - name: anything
          env: [{name: OMP_NUM_THREADS, value: "1"}]
)";

json Render(const std::string& yaml,
            const JobRequest& request = {.name = "run-r-1", .run_id = "r", .attempt = 1}) {
  auto parsed = JobTemplate::Parse(yaml, kSettings);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed ? json::parse(parsed->Render(request)) : json();
}

std::string Fault(const std::string& yaml, const JobSettings& settings = kSettings) {
  auto parsed = JobTemplate::Parse(yaml, settings);
  return parsed ? "" : parsed.error().message;
}

TEST(JobTemplate, KeepsWhatTheOperatorAdds) {
  const json pod = Render(kTemplate)["spec"]["template"];
  EXPECT_EQ(pod["metadata"]["annotations"]["keep"], "yes");
  EXPECT_EQ(pod["spec"]["runtimeClassName"], "gvisor");
  EXPECT_EQ(pod["spec"]["nodeSelector"]["disk"], "1") << "a quoted number stays a string";
  EXPECT_EQ(pod["spec"]["containers"][0]["env"][0]["value"], "1");
}

TEST(JobTemplate, SetsWhatMakesARunSafeWhateverStandsThere) {
  const json job = Render(R"(
spec:
  backoffLimit: 6
  template:
    spec:
      restartPolicy: OnFailure
      automountServiceAccountToken: true
      hostNetwork: true
      containers:
        - name: c
          tty: true
          stdinOnce: true
          volumeMounts: [{name: v, mountPath: /v}]
          securityContext:
            privileged: true
            allowPrivilegeEscalation: true
            readOnlyRootFilesystem: false
            capabilities: {add: [SYS_ADMIN]}
)")["spec"];
  const json pod = job["template"]["spec"];
  const json container = pod["containers"][0];
  EXPECT_EQ(job["backoffLimit"], 0);
  EXPECT_EQ(pod["restartPolicy"], "Never");
  EXPECT_EQ(pod["automountServiceAccountToken"], false);
  EXPECT_EQ(pod["hostNetwork"], false);
  EXPECT_EQ(pod["securityContext"]["runAsNonRoot"], true);
  EXPECT_EQ(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
  EXPECT_EQ(
      container["securityContext"],
      json::parse(
          R"({"privileged": false, "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                            "capabilities": {"drop": ["ALL"]}})"));
  EXPECT_EQ(container["tty"], false);
  EXPECT_EQ(container["stdin"], true);
  EXPECT_EQ(container["stdinOnce"], false);
  EXPECT_FALSE(container.contains("volumeMounts"));
  EXPECT_EQ(container["name"], kContainer);
}

TEST(JobTemplate, NamesLabelsAndSizesTheJob) {
  const json job =
      Render(kTemplate, {.name = "run-r-2", .memory_mib = 300, .run_id = "r", .attempt = 2});
  EXPECT_EQ(job["metadata"]["name"], "run-r-2");
  EXPECT_EQ(job["metadata"]["namespace"], "oneshot-runs");
  for (const json& metadata : {job["metadata"], job["spec"]["template"]["metadata"]}) {
    EXPECT_EQ(metadata["labels"][kRunIdLabel], "r");
    EXPECT_EQ(metadata["labels"][kAttemptLabel], "2");
    EXPECT_EQ(metadata["labels"][kStateLabel], "starting");
    EXPECT_EQ(metadata["labels"][kInstanceLabel], "oneshot");
  }
  const json resources = job["spec"]["template"]["spec"]["containers"][0]["resources"];
  EXPECT_EQ(resources["limits"]["memory"],
            std::to_string(300 + kSettings.memory_overhead_mib) + "Mi");
  EXPECT_EQ(resources["requests"]["memory"], resources["limits"]["memory"]);
  EXPECT_EQ(resources["limits"]["cpu"], "1000m");
}

// Review finding S8: a user's kernel counters are shared by all processes of that user on a node.
TEST(JobTemplate, GivesEachJobAUserOfItsOwn) {
  const auto uid_of = [](const std::string& yaml, const std::string& name) {
    const json context =
        Render(yaml, {.name = name})["spec"]["template"]["spec"]["securityContext"];
    EXPECT_EQ(context["runAsGroup"], 65534) << "else the group of an unknown user is root's";
    return context["runAsUser"].get<std::int64_t>();
  };
  std::set<std::int64_t> seen;
  for (int i = 0; i < 200; ++i) {
    const std::int64_t uid = uid_of(kTemplate, "run-" + std::to_string(i) + "-1");
    EXPECT_GE(uid, kSettings.first_uid);
    EXPECT_LT(uid, kSettings.first_uid + kSettings.uids);
    seen.insert(uid);
  }
  EXPECT_GE(seen.size(), 199U);
  EXPECT_EQ(uid_of(kTemplate, "run-a-1"), uid_of(kTemplate, "run-a-1"));
  constexpr const char* kOperators =
      "spec: {template: {spec: {securityContext: {runAsUser: 4711}, containers: [{}]}}}";
  EXPECT_EQ(uid_of(kOperators, "run-a-1"), 4711);
}

// Review finding R2: the clock of a short time to live starts at the program's end, not at the
// commit.
TEST(JobTemplate, AFinishedJobOutlivesALongAbsenceOfTheController) {
  const json job =
      Render("spec: {ttlSecondsAfterFinished: 5, template: {spec: {containers: [{}]}}}");
  EXPECT_EQ(job["spec"]["ttlSecondsAfterFinished"], 24 * 3600);
}

constexpr const char* kPreferred = "preferredDuringSchedulingIgnoredDuringExecution";

TEST(JobTemplate, PrefersAnyNodeButTheOneThatSpoiltAnAttempt) {
  const json pod =
      Render(kTemplate, {.name = "run-r-2", .run_id = "r", .attempt = 2, .avoid_node = "node-1"});
  EXPECT_EQ(pod["spec"]["template"]["spec"]["affinity"]["nodeAffinity"][kPreferred],
            json::parse(R"([{"weight":100,"preference":{"matchFields":
                [{"key":"metadata.name","operator":"NotIn","values":["node-1"]}]}}])"));
  EXPECT_FALSE(Render(kTemplate)["spec"]["template"]["spec"].contains("affinity"));
}

TEST(JobTemplate, KeepsTheOperatorsAffinityBesideIt) {
  constexpr const char* kOwn = R"(
spec:
  template:
    spec:
      affinity:
        podAntiAffinity: {own: 1}
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution: {own: 2}
          preferredDuringSchedulingIgnoredDuringExecution: [{weight: 7, preference: {own: 3}}]
      containers: [{name: a}]
)";
  const json affinity =
      Render(kOwn, {.name = "run-r-2",
                    .run_id = "r",
                    .attempt = 2,
                    .avoid_node = "node-1"})["spec"]["template"]["spec"]["affinity"];
  EXPECT_EQ(affinity["podAntiAffinity"]["own"], 1);
  EXPECT_EQ(affinity["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["own"], 2);
  const json& preferred = affinity["nodeAffinity"][kPreferred];
  ASSERT_EQ(preferred.size(), 2U);
  EXPECT_EQ(preferred[0]["weight"], 7);
  EXPECT_EQ(preferred[1]["weight"], 100);
}

TEST(JobTemplate, AnAffinityThatCannotBeAddedToIsRefused) {
  for (const std::string wrong :
       {"5", "{nodeAffinity: 5}", "{nodeAffinity: []}",
        "{nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: {}}}"}) {
    EXPECT_THAT(Fault("spec: {template: {spec: {containers: [{}], affinity: " + wrong + "}}}"),
                HasSubstr("wrong type"))
        << wrong;
  }
}

TEST(JobTemplate, AWaitingJobHasNoRunAndItsOwnPriority) {
  const json job =
      Render(kTemplate, {.name = "warm-x", .priority_class = "low", .pool_class = "default"});
  EXPECT_EQ(job["metadata"]["labels"][kStateLabel], "waiting");
  EXPECT_EQ(job["metadata"]["labels"][kPoolClassLabel], "default");
  EXPECT_FALSE(job["metadata"]["labels"].contains(kRunIdLabel));
  EXPECT_EQ(job["spec"]["template"]["spec"]["priorityClassName"], "low");
}

TEST(JobTemplate, ListsEveryFaultThatSettingCannotMend) {
  const std::string fault = Fault(R"(
kind: Pod
spec:
  template:
    spec:
      volumes: [{name: v}]
      securityContext: {runAsUser: 0, seccompProfile: {type: Unconfined}}
      containers: [{name: a}, {name: b}]
)",
                                  {.image = ""});
  for (const char* part : {"kind", "kubernetes.image", "exactly one container", "volumes",
                           "runAsUser", "Unconfined"}) {
    EXPECT_THAT(fault, HasSubstr(part));
  }
}

TEST(JobTemplate, SaysWhatItCannotRead) {
  EXPECT_THAT(Fault("a: [unfinished"), HasSubstr("Job template"));
  EXPECT_THAT(Fault("just text"), HasSubstr("mapping"));
  EXPECT_THAT(Fault("spec: {template: {spec: {securityContext: 5, containers: [{}]}}}"),
              HasSubstr("wrong type"));
  EXPECT_FALSE(JobTemplate::Load("/nonexistent/job.yaml", kSettings));
}

TEST(JobTemplate, TheFingerprintFollowsWhatJobsAreMadeOf) {
  const auto of = [](const JobSettings& settings) {
    return JobTemplate::Parse(kTemplate, settings)->fingerprint();
  };
  EXPECT_EQ(of(kSettings), of(kSettings));
  JobSettings other = kSettings;
  other.image = "python:newer";
  EXPECT_NE(of(kSettings), of(other));
  other = kSettings;
  other.cpu_millis = 2000;
  EXPECT_NE(of(kSettings), of(other));
}

}  // namespace
}  // namespace oneshot::manifest
