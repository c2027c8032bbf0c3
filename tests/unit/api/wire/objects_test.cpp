#include "api/wire/objects.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/wire/submission.h"
#include "core/domain/run_id.h"

namespace oneshot::api::wire {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

const std::string kNamespace = "oneshot-runs";
const base::WallTime kCreated = base::WallTime{} + milliseconds(1'795'410'000'000);

domain::Run Queued() {
  domain::Run run;
  run.id = "01jdxxxxxxxxxxxxxxxxxxxxxx";
  run.created_at = kCreated;
  return run;
}

domain::Run Finished() {
  domain::Run run = Queued();
  run.status = domain::RunStatus::kFailed;
  run.attempt = 1;
  run.job = domain::JobRef{.name = "run-01j-1",
                           .pod = "run-01j-1-abc",
                           .pod_uid = "u",
                           .node = "n",
                           .image = "i",
                           .snapshot = "restored",
                           .sandbox = domain::Sandbox{.landlock = 7, .seccomp = true}};
  run.claimed_at = kCreated + milliseconds(5);
  run.started_at = kCreated + milliseconds(17);
  run.finished_at = kCreated + milliseconds(60);
  domain::Outcome outcome;
  outcome.status = run.status;
  outcome.reason = "signaled";
  outcome.signal = 11;
  outcome.stdout_bytes = {.produced = 100, .dropped = 40};
  outcome.wall_ms = 43;
  outcome.cpu_ms = 40;
  outcome.peak_memory_bytes = 1 << 20;
  run.outcome = outcome;
  return run;
}

TEST(RunJson, OfAQueuedRunHasNullForEveryFactThatIsNotThere) {
  const domain::Run run = Queued();
  const json expected = json::parse(R"({
    "id": "01jdxxxxxxxxxxxxxxxxxxxxxx", "status": "queued", "exit_code": null, "signal": null, "reason": null,
    "message": null, "truncated": false,
    "output": {"stdout_bytes": null, "stderr_bytes": null, "stdout_dropped_bytes": null, "stderr_dropped_bytes": null},
    "displays": [], "dropped_displays": null, "output_files": [], "dropped_output_files": null, "files": [], "stdin_open": false,
    "timings": {"queued_ms": null, "startup_ms": null, "wall_ms": null, "cpu_ms": null},
    "peak_memory_bytes": null, "attempt": 0, "interruptions": [], "job": null,
    "created_at": "2026-11-23T05:00:00.000Z", "started_at": null, "finished_at": null, "queue_position": 3, "starts_in_ms": 4000,
    "limits": {"wall_seconds": 10, "cpu_seconds": 10, "memory_mib": 256, "output_bytes": 1048576, "scratch_mib": 0},
    "links": {"self": "/api/v1/runs/01jdxxxxxxxxxxxxxxxxxxxxxx",
              "events": "/api/v1/runs/01jdxxxxxxxxxxxxxxxxxxxxxx/events",
              "stdout": "/api/v1/runs/01jdxxxxxxxxxxxxxxxxxxxxxx/stdout",
              "stderr": "/api/v1/runs/01jdxxxxxxxxxxxxxxxxxxxxxx/stderr",
              "submission": "/api/v1/runs/01jdxxxxxxxxxxxxxxxxxxxxxx/submission"}})");
  EXPECT_EQ(
      json::parse(RunToJson(
          {.run = run, .queue_position = 3, .starts_in = base::Milliseconds(4000)}, kNamespace)),
      expected);
}

TEST(RunJson, OfAFinishedRunTellsTimesApart) {
  const domain::Run run = Finished();
  const json got = json::parse(RunToJson({.run = run}, kNamespace));
  EXPECT_EQ(got["timings"],
            json::parse(R"({"queued_ms": 5, "startup_ms": 12, "wall_ms": 43, "cpu_ms": 40})"));
  EXPECT_EQ(
      got["job"],
      json::parse(R"({"namespace": "oneshot-runs", "name": "run-01j-1", "pod": "run-01j-1-abc",
                                        "node": "n", "image": "i", "snapshot": "restored",
              "sandbox": {"landlock": 7, "seccomp": true, "user_namespace": false}})"));
  EXPECT_EQ(got["signal"], 11);
  EXPECT_EQ(got["exit_code"], nullptr);
  EXPECT_EQ(got["truncated"], true);
  EXPECT_EQ(got["output"]["stdout_dropped_bytes"], 40);
  EXPECT_FALSE(got.contains("stdout"));
}

TEST(RunJson, ClocksOfTwoMachinesGiveNoNegativeTime) {
  domain::Run run = Finished();
  run.claimed_at = kCreated - milliseconds(3);
  EXPECT_EQ(json::parse(RunToJson({.run = run}, kNamespace))["timings"]["queued_ms"], 0);
}

TEST(RunJson, OutputIsTextWhateverTheBytesAre) {
  const domain::Run run = Finished();
  const SeparateOutput output{.stdout_head = {.bytes = std::string("a\xff\0b", 4)},
                              .stderr_head = {.bytes = "\xC3", .is_cut = true}};
  const json got = json::parse(RunToJson({.run = run, .output = output}, kNamespace));
  EXPECT_EQ(got["stdout"], std::string("a\xEF\xBF\xBD\0b", 6));
  EXPECT_EQ(got["stderr"], "\xEF\xBF\xBD");
  EXPECT_EQ(got["stdout_cut"], false);
  EXPECT_EQ(got["stderr_cut"], true);
  EXPECT_FALSE(got.contains("merged"));
}

TEST(RunJson, MergedOutputIsAListWithThePlaceToGoOnFrom) {
  const MergedOutput output{
      .pieces = {{domain::Stream::kStderr, "x", 3, 0}, {domain::Stream::kStdout, "y", 4, 9}},
      .is_cut = true,
      .next_after = {2, 7},
      .is_reset = true};
  const json got = json::parse(RunToJson({.run = Finished(), .output = output}, kNamespace));
  EXPECT_EQ(got["merged"], json::parse(R"([
    {"stream": "stderr", "text": "x", "ms": 3},
    {"stream": "stdout", "text": "y", "ms": 4, "dropped_bytes": 9}])"));
  EXPECT_EQ(got["merged_cut"], true);
  EXPECT_EQ(got["next_after"], "2-7");
  EXPECT_EQ(got["reset"], true);
  EXPECT_FALSE(got.contains("stdout"));
}

TEST(SubmissionJson, IsTakenAgainAsItWas) {
  domain::RunSpec spec{
      .source = "print('ü')\n", .stdin_data = "in", .args = {"a", ""}, .limits = {}};
  spec.limits.wall_ms = 1'500;
  const Submission again = DecodeSubmission(SubmissionToJson(spec), domain::LimitPolicy{});
  EXPECT_TRUE(again.faults.empty());
  EXPECT_EQ(again.spec, spec);
}

TEST(RunJson, AFractionOfASecondIsKept) {
  domain::Run run = Queued();
  run.spec.limits.wall_ms = 1'500;
  EXPECT_EQ(json::parse(RunToJson({.run = run}, kNamespace))["limits"]["wall_seconds"], 1.5);
}

TEST(RunJson, TellsTheLatestMessage) {
  domain::Run run = Queued();
  run.message = "no node has room";
  EXPECT_EQ(json::parse(RunToJson({.run = run}, kNamespace))["message"], "no node has room");
  run = Finished();
  run.outcome->message = "the end";
  EXPECT_EQ(json::parse(RunToJson({.run = run}, kNamespace))["message"], "the end");
}

TEST(RunJson, TellsInterruptions) {
  domain::Run run = Queued();
  run.interruptions = {
      {.attempt = 1, .reason = "node_lost", .message = "gone", .node = "n1", .at = kCreated},
      {.attempt = 3, .reason = "pod_lost", .message = "", .node = "", .at = kCreated}};
  EXPECT_EQ(json::parse(RunToJson({.run = run}, kNamespace))["interruptions"], json::parse(R"([
    {"attempt": 1, "reason": "node_lost", "message": "gone", "node": "n1", "at": "2026-11-23T05:00:00.000Z"},
    {"attempt": 3, "reason": "pod_lost", "message": null, "node": null, "at": "2026-11-23T05:00:00.000Z"}])"));
}

TEST(RunsJson, IsAPage) {
  const json got = json::parse(RunsToJson({Queued(), Finished()}, kNamespace, "next"));
  EXPECT_EQ(got["runs"].size(), 2U);
  EXPECT_EQ(got["next_cursor"], "next");
  EXPECT_EQ(json::parse(RunsToJson({}, kNamespace, std::nullopt)),
            json::parse(R"({"runs": [], "next_cursor": null})"));
}

TEST(Cursor, ComesBackAndNeedsNoEncodingInAnAddress) {
  for (int i = 0; i < 200; ++i) {
    const std::string id = domain::NewRunId(std::chrono::system_clock::now());
    const std::string cursor = EncodeCursor(id);
    EXPECT_EQ(cursor.find_first_of("+/="), std::string::npos) << cursor;
    EXPECT_EQ(DecodeCursor(cursor), id);
  }
}

TEST(Cursor, AnythingElseIsNone) {
  for (const char* text : {"", "nonsense", "Yg==", "YjAx", "MDFqZHh4eHh4eHh4eHh4eHh4eHh4eHg="}) {
    EXPECT_EQ(DecodeCursor(text), std::nullopt) << text;
  }
}

TEST(Environment, IsWhatTheImageSaysPlusImageAndLimits) {
  const auto text =
      EnvironmentToJson(R"({"python": "3.11.2", "packages": [{"name": "pandas", "version": "2"}]})",
                        "python:1", domain::LimitPolicy{});
  ASSERT_TRUE(text);
  const auto got = json::parse(*text);
  EXPECT_EQ(got["python"], "3.11.2");
  EXPECT_EQ(got["packages"][0]["name"], "pandas");
  EXPECT_EQ(got["image"], "python:1");
  EXPECT_EQ(got["limits"]["defaults"]["wall_seconds"], 10);
  EXPECT_EQ(got["limits"]["maxima"]["memory_mib"], 1024);
  EXPECT_EQ(got["limits"]["source_bytes"], 262'144);
}

TEST(Environment, TheImageMayNameItself) {
  const auto text =
      EnvironmentToJson(R"({"image": "python@sha256:1"})", "python:1", domain::LimitPolicy{});
  EXPECT_EQ(json::parse(*text)["image"], "python@sha256:1");
}

TEST(Environment, WhatIsNoObjectIsRefused) {
  for (const char* facts : {"", "[]", "{", "3"})
    EXPECT_FALSE(EnvironmentToJson(facts, "", {})) << facts;
}

TEST(FormatTime, IsRfc3339InUtcWithMilliseconds) {
  const base::WallTime epoch{};
  EXPECT_EQ(FormatTime(epoch), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatTime(epoch + std::chrono::milliseconds(1'795'410'000'007)),
            "2026-11-23T05:00:00.007Z");
  EXPECT_EQ(FormatTime(epoch + std::chrono::microseconds(999'999)), "1970-01-01T00:00:00.999Z");
  EXPECT_EQ(FormatTime(epoch - std::chrono::milliseconds(1)), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace oneshot::api::wire
