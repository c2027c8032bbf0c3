#include "controller/kube/codec.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace oneshot::kube {
namespace {

using base::ErrorCode;
using nlohmann::json;

constexpr const char* kPod = R"({
  "kind": "Pod", "apiVersion": "v1",
  "metadata": {"name": "run-a-1-x", "uid": "u1", "resourceVersion": "42", "creationTimestamp": "2026-01-02T03:04:05Z",
    "labels": {"batch.kubernetes.io/job-name": "run-a-1", "n": 3},
    "managedFields": [{"manager": "kubelet"}]},
  "spec": {"nodeName": "node-1", "containers": [{}]},
  "status": {"phase": "Failed", "reason": "Evicted", "message": "low on memory",
    "conditions": [{"type": "PodScheduled", "status": "True"},
                   {"type": "DisruptionTarget", "status": "True", "reason": "TerminationByKubelet"}],
    "containerStatuses": [{"name": "python", "image": "i", "imageID": "sha256:1",
      "state": {"terminated": {"exitCode": 137, "signal": 9, "reason": "OOMKilled", "message": "{}",
                               "startedAt": "s", "finishedAt": "f"}}}]}})";

/// As a watch brings it.
base::Result<Pod> DecodePod(const std::string& object) {
  auto event = DecodeWatchEvent<Pod>(R"({"type": "ADDED", "object": )" + object + "}");
  if (!event) return event.error();
  return std::move(event->object);
}

TEST(Codec, ReadsAPod) {
  const auto pod = DecodePod(kPod);
  ASSERT_TRUE(pod);
  EXPECT_EQ(pod->meta.name, "run-a-1-x");
  EXPECT_EQ(pod->meta.uid, "u1");
  EXPECT_FALSE(pod->meta.deleting);
  EXPECT_EQ(pod->job_name, "run-a-1");
  EXPECT_EQ(pod->node_name, "node-1");
  EXPECT_EQ(pod->phase, "Failed");
  EXPECT_EQ(pod->reason, "Evicted");
  EXPECT_TRUE(pod->scheduled);
  EXPECT_EQ(pod->disruption_reason, "TerminationByKubelet");
  EXPECT_EQ(pod->container.kind, ContainerState::Kind::kTerminated);
  EXPECT_EQ(pod->container.exit_code, 137);
  EXPECT_EQ(pod->container.reason, "OOMKilled");
  EXPECT_EQ(pod->container.image_id, "sha256:1");
}

TEST(Codec, APodWithOtherLabelsIsEqual) {
  json labelled = json::parse(kPod);
  labelled["metadata"]["labels"]["oneshot.dev/state"] = "running";
  labelled["metadata"]["resourceVersion"] = "43";
  EXPECT_EQ(*DecodePod(labelled.dump()), *DecodePod(kPod));
  labelled["status"]["phase"] = "Running";
  EXPECT_NE(*DecodePod(labelled.dump()), *DecodePod(kPod));
}

TEST(Codec, ReadsWhyAPodIsNotScheduled) {
  const auto pod =
      DecodePod(R"({"metadata": {"name": "p", "resourceVersion": "1", "deletionTimestamp": "t"},
    "status": {"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                               "message": "0/1 nodes"}],
               "containerStatuses": [{"state": {"waiting": {"reason": "ErrImagePull"}}}]}})");
  ASSERT_TRUE(pod);
  EXPECT_TRUE(pod->meta.deleting);
  EXPECT_FALSE(pod->scheduled);
  EXPECT_EQ(pod->unschedulable_message, "0/1 nodes");
  EXPECT_EQ(pod->container.kind, ContainerState::Kind::kWaiting);
  EXPECT_EQ(pod->container.reason, "ErrImagePull");
}

TEST(Codec, ReadsWhatBecameOfAJob) {
  const auto job = DecodeObject<Job>(
      R"({"metadata": {"name": "j", "labels": {"l": "v", "n": 3}}, "status": {"failed": 1,
    "conditions": [{"type": "Suspended", "status": "False"},
                   {"type": "FailureTarget", "status": "True", "reason": "DeadlineExceeded", "message": "m",
                    "lastTransitionTime": "2026-01-02T03:04:05Z"}]}})");
  ASSERT_TRUE(job);
  EXPECT_EQ(job->labels, (std::map<std::string, std::string>{{"l", "v"}}))
      << "a label that is no text is left out";
  EXPECT_TRUE(job->has_failed);
  EXPECT_FALSE(job->complete);
  EXPECT_EQ(job->condition_reason, "DeadlineExceeded");
  EXPECT_EQ(job->ended_at, "2026-01-02T03:04:05Z");
}

TEST(Codec, TakesFieldsOfTheWrongTypeForAbsent) {
  const auto job = DecodeObject<Job>(R"({"metadata": {"name": "j", "uid": 7, "labels": []}})");
  ASSERT_TRUE(job);
  EXPECT_EQ(job->meta.uid, "");
  const auto lease = DecodeObject<Lease>(
      R"({"metadata": {"name": "l"}, "spec": {"leaseDurationSeconds": "x", "leaseTransitions": 99999999999}})");
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->duration_seconds, 0);
  EXPECT_EQ(lease->transitions, 0);
}

TEST(Codec, CallsWhatIsNoObjectUnreadable) {
  for (const char* text : {"", "{", "null", "[]", "17", "{}", R"({"metadata": 1})", "\xff\xfe"}) {
    const auto job = DecodeObject<Job>(text);
    ASSERT_FALSE(job) << text;
    EXPECT_EQ(job.error().code, ErrorCode::kInternal) << text;
  }
}

TEST(Codec, SurvivesAbsurdNesting) {
  const std::string deep(200'000, '[');
  EXPECT_FALSE(DecodeObject<Job>(deep));
  EXPECT_TRUE(DecodeObject<Job>(R"({"metadata": {"name": "j"}, "spec": )" +
                                std::string(5'000, '[') + std::string(5'000, ']') + "}"));
}

TEST(Codec, ReadsAListPageAndLeavesOutItemsWithoutAName) {
  const auto page = DecodeListPage<Job>(
      R"({"metadata": {"resourceVersion": "9", "continue": "c"}, "items": [{"metadata": {"name": "a"}}, {}]})");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->items.size(), 1U);
  EXPECT_EQ(page->resource_version, "9");
  EXPECT_EQ(page->continue_token, "c");
  const auto empty =
      DecodeListPage<Job>(R"({"metadata": {"resourceVersion": "9"}, "items": null})");
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->items.empty());
  EXPECT_FALSE(DecodeListPage<Job>(R"({"metadata": {}, "items": []})"));
}

TEST(Codec, ReadsWatchEvents) {
  const auto added =
      DecodeWatchEvent<Pod>(std::string(R"({"type": "ADDED", "object": )") + kPod + "}");
  ASSERT_TRUE(added);
  EXPECT_EQ(added->type, WatchEventType::kAdded);
  EXPECT_EQ(added->resource_version, "42");
  EXPECT_EQ(added->object.meta.name, "run-a-1-x");
  const auto bookmark = DecodeWatchEvent<Pod>(
      R"({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "50"}}})");
  ASSERT_TRUE(bookmark);
  EXPECT_EQ(bookmark->type, WatchEventType::kBookmark);
  EXPECT_EQ(bookmark->resource_version, "50");
  const auto error = DecodeWatchEvent<Pod>(
      R"({"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired"}})");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->error.code, ErrorCode::kExpired);
  EXPECT_FALSE(DecodeWatchEvent<Pod>(R"({"type": "NEWS", "object": {}})"));
  EXPECT_FALSE(
      DecodeWatchEvent<Pod>(R"({"type": "ADDED", "object": {"metadata": {"name": "a"}}})"));
}

TEST(Codec, LeaseComesBackAsItWent) {
  Lease lease;
  lease.resource_version = "5";
  lease.holder = "me";
  lease.duration_seconds = 15;
  lease.acquire_time = "2026-01-02T03:04:05.000006Z";
  lease.renew_time = "2026-01-02T03:04:06.000006Z";
  lease.transitions = 2;
  const auto back = DecodeObject<Lease>(EncodeLease("leader", lease));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->resource_version, lease.resource_version);
  EXPECT_EQ(back->holder, lease.holder);
  EXPECT_EQ(back->duration_seconds, lease.duration_seconds);
  EXPECT_EQ(back->acquire_time, lease.acquire_time);
  EXPECT_EQ(back->renew_time, lease.renew_time);
  EXPECT_EQ(back->transitions, lease.transitions);
}

TEST(Codec, WritesAnEventWithinTheServersLimits) {
  const EventNote note{"run-a-1", "u1", "RunStarted", std::string(5'000, 'n'), /*warning=*/true};
  const json event =
      json::parse(EncodeEvent(note, "runs", std::string(300, 'i'), base::WallTime{}));
  EXPECT_EQ(event["note"].get<std::string>().size(), 1024U);
  EXPECT_EQ(event["reportingInstance"].get<std::string>().size(), 128U);
  EXPECT_EQ(event["type"], "Warning");
  EXPECT_EQ(event["regarding"]["name"], "run-a-1");
  EXPECT_EQ(event["eventTime"], "1970-01-01T00:00:00.000000Z");
}

TEST(Codec, WritesMicroseconds) {
  using namespace std::chrono;
  const base::WallTime time{duration_cast<system_clock::duration>(1'767'323'045s + 6us)};
  EXPECT_EQ(FormatMicroTime(time), "2026-01-02T03:04:05.000006Z");
}

}  // namespace
}  // namespace oneshot::kube
