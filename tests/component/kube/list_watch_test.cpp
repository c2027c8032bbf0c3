#include "controller/kube/list_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "core/base/thread.h"
#include "tests/support/loopback_tls.h"
#include "tests/support/scripted_server.h"

namespace oneshot::kube {
namespace {

using test::ScriptedServer;
using test::WaitUntil;
using namespace std::chrono_literals;
using Log = std::vector<std::string>;

constexpr const char* kPods = "/api/v1/namespaces/runs/pods";

std::string PodJson(const std::string& name, const std::string& version,
                    const std::string& uid = "u1") {
  return R"({"metadata":{"name":")" + name + R"(","uid":")" + uid + R"(","resourceVersion":")" +
         version + R"(","labels":{"batch.kubernetes.io/job-name":"job-of-)" + name + R"("}}})";
}

std::string Event(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}";
}

std::string ListJson(const std::string& version, const std::string& items,
                     const std::string& continue_token = {}) {
  return R"({"metadata":{"resourceVersion":")" + version + R"(","continue":")" + continue_token +
         R"("},"items":[)" + items + "]}";
}

constexpr const char* kExpired =
    R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}})";

// What the API server says after its etcd was restored from a backup.
constexpr const char* kTooLarge =
    R"({"kind":"Status","status":"Failure","code":504,"reason":"Timeout",
        "message":"Timeout: Too large resource version: 9, current: 5",
        "details":{"causes":[{"reason":"ResourceVersionTooLarge",
                              "message":"Too large resource version"}],"retryAfterSeconds":1}})";

std::string OneLine(std::string text) {
  std::erase(text, '\n');
  return text;
}

/// What a list and watch of pods told, as text: `+name` changed, `-name/job` deleted, `synced`,
/// `restart`, `relist`, `expired`.
class ListWatchTest : public testing::Test {
 protected:
  test::Exchange& ExpectList() { return server_.Expect("GET", kPods).WithQuery("watch", ""); }
  test::Exchange& ExpectWatch(const std::string& version) {
    return server_.Expect("GET", kPods)
        .WithQuery("watch", "true")
        .WithQuery("allowWatchBookmarks", "true")
        .WithQuery("labelSelector", "a=b")
        .WithQuery("resourceVersion", version);
  }

  void Start() {
    const auto note = [this](const std::string& text) { return [this, text] { Note(text); }; };
    options_.run_namespace = "runs";
    options_.label_selector = "a=b";
    options_.first_pause = 1ms;
    options_.longest_pause = 10ms;
    options_.hooks.on_restart = note("restart");
    options_.hooks.on_relist = note("relist");
    options_.hooks.on_expired = note("expired");
    WatchHandlers<Pod> handlers;
    handlers.on_changed = [this](const Pod& pod) { Note("+" + pod.meta.name); };
    handlers.on_deleted = [this](const Pod& pod) {
      Note("-" + pod.meta.name + "/" + pod.job_name);
    };
    handlers.on_synced = note("synced");
    handlers.on_heard = [this](base::MonotonicTime) { ++heard_; };
    list_watch_ =
        std::make_unique<ListWatch<Pod>>(test::CredentialsFor(server_.Port()), options_, handlers);
    thread_ = base::StartThread(
        "list-watch", [this](std::stop_token stop) { list_watch_->Run(stop, heartbeat_); });
  }

  void Note(const std::string& text) {
    const std::lock_guard lock(mutex_);
    log_.push_back(text);
  }
  Log Told() {
    const std::lock_guard lock(mutex_);
    return log_;
  }
  void ExpectTold(const Log& want) {
    WaitUntil([&] { return Told().size() >= want.size(); }, "what the watch tells");
    EXPECT_EQ(Told(), want);
  }

  ScriptedServer server_;
  base::SystemClock clock_;
  base::Heartbeats heartbeats_{clock_};
  base::Heartbeat heartbeat_{heartbeats_, "list-watch", 1h};
  WatchOptions options_;
  std::mutex mutex_;
  Log log_;  // guarded by mutex_
  std::atomic<int> heard_{0};
  std::unique_ptr<ListWatch<Pod>> list_watch_;
  std::jthread thread_;
};

TEST_F(ListWatchTest, ListsAndThenTellsWhatChanges) {
  ExpectList().Answer(200, ListJson("5", PodJson("a", "3")));
  ExpectWatch("5")
      .StartStream()
      .Line(Event("ADDED", PodJson("b", "6")))
      .Line(Event("MODIFIED", PodJson("a", "7")))
      .Line(Event("DELETED", PodJson("b", "8")));
  Start();
  ExpectTold({"relist", "+a", "synced", "restart", "+b", "+a", "-b/job-of-b"});
}

TEST_F(ListWatchTest, ResumesACleanlyEndedWatchFromTheLastVersionBookmarksIncluded) {
  ExpectList().Answer(200, ListJson("5", ""));
  ExpectWatch("5")
      .StartStream()
      .Line(Event("ADDED", PodJson("a", "6")))
      .Line(Event("BOOKMARK", R"({"metadata":{"resourceVersion":"60"}})"))
      .EndStream();
  ExpectWatch("60").StartStream();
  Start();
  server_.WaitUntilDone();
  ExpectTold({"relist", "synced", "restart", "+a", "restart"});
  EXPECT_EQ(heard_, 3) << "the list, the event and the bookmark";
}

TEST_F(ListWatchTest, RelistsWhenTheStreamSaysExpiredAndTellsWhatVanishedMeanwhile) {
  ExpectList().Answer(200, ListJson("5", PodJson("a", "3") + "," + PodJson("b", "4")));
  ExpectWatch("5").StartStream().Line(kExpired).EndStream();
  ExpectList().Answer(200, ListJson("9", PodJson("b", "4")));
  ExpectWatch("9").StartStream();
  Start();
  server_.WaitUntilDone();
  ExpectTold({"relist", "+a", "+b", "synced", "restart", "expired", "relist", "+b", "-a/job-of-a",
              "synced", "restart"});
}

TEST_F(ListWatchTest, RelistsWhenTheWatchIsRefusedAsExpired) {
  ExpectList().Answer(200, ListJson("5", ""));
  ExpectWatch("5").Answer(410, R"({"kind":"Status","code":410,"reason":"Expired"})");
  ExpectList().Answer(200, ListJson("9", ""));
  ExpectWatch("9").StartStream();
  Start();
  server_.WaitUntilDone();
}

// Review finding R7: the version came from before an etcd was restored from its backup.
TEST_F(ListWatchTest, RelistsWhenTheServerHasNotReachedTheVersionOfTheWatch) {
  ExpectList().Answer(200, ListJson("9", PodJson("a", "3")));
  ExpectWatch("9").Answer(504, kTooLarge);
  ExpectList().Answer(200, ListJson("5", ""));
  ExpectWatch("5").StartStream().Line(R"({"type":"ERROR","object":)" + OneLine(kTooLarge) + "}");
  ExpectList().Answer(200, ListJson("6", ""));
  ExpectWatch("6").StartStream();
  Start();
  server_.WaitUntilDone();
}

// The same restore, seen through the watch cache: it opens the watch and then holds back whatever
// is older than the version asked for.
TEST_F(ListWatchTest, RelistsAfterAWatchInWhichNothingWasHeard) {
  options_.very_short = 0ms;
  ExpectList().Answer(200, ListJson("9", PodJson("a", "3")));
  ExpectWatch("9").StartStream().EndStream();
  ExpectList().Answer(200, ListJson("5", ""));
  ExpectWatch("5").StartStream();
  Start();
  server_.WaitUntilDone();
  ExpectTold({"relist", "+a", "synced", "restart", "relist", "-a/job-of-a", "synced", "restart"});
}

TEST_F(ListWatchTest, RelistsAfterAConnectionInWhichNothingWasHeard) {
  options_.max_silence = 1s;  // enough for the request on a busy machine
  ExpectList().Answer(200, ListJson("9", ""));
  ExpectWatch("9").StartStream();  // and then half open
  ExpectList().AwaitRelease().Answer(200, ListJson("9", ""));
  Start();
  WaitUntil([this] { return server_.Requests().size() == 3; }, "the second list");
}

TEST_F(ListWatchTest, ListsPageByPage) {
  ExpectList()
      .WithQuery("limit", "500")
      .WithQuery("labelSelector", "a=b")
      .Answer(200, ListJson("5", PodJson("a", "3"), "x/y="));
  ExpectList()
      .WithQuery("labelSelector", "a=b")
      .WithQuery("continue", "x/y=")
      .Answer(200, ListJson("5", PodJson("b", "4")));
  ExpectWatch("5").StartStream();
  Start();
  server_.WaitUntilDone();
  ExpectTold({"relist", "+a", "+b", "synced", "restart"});
}

TEST_F(ListWatchTest, BeginsAListAnewWhenItsContinuationExpired) {
  ExpectList().Answer(200, ListJson("5", PodJson("a", "3"), "more"));
  ExpectList().WithQuery("continue", "more").Answer(410, "{}");
  ExpectList().WithQuery("continue", "").Answer(200, ListJson("6", PodJson("b", "4")));
  ExpectWatch("6").StartStream();
  Start();
  server_.WaitUntilDone();
}

TEST_F(ListWatchTest, TellsTheOldObjectsEndBeforeANewOneOfTheSameName) {
  ExpectList().Answer(200, ListJson("5", PodJson("a", "3", "u1")));
  ExpectWatch("5").StartStream().Line(kExpired);
  ExpectList().Answer(200, ListJson("9", PodJson("a", "8", "u2")));
  ExpectWatch("9").StartStream();
  Start();
  server_.WaitUntilDone();
  ExpectTold({"relist", "+a", "synced", "restart", "expired", "relist", "-a/job-of-a", "+a",
              "synced", "restart"});
}

TEST_F(ListWatchTest, ForgetsAHalfLineWhenTheConnectionIsCutAndAsksForItAgain) {
  const std::string line = Event("ADDED", PodJson("b", "7"));
  ExpectList().Answer(200, ListJson("5", ""));
  ExpectWatch("5")
      .StartStream()
      .Line(Event("ADDED", PodJson("a", "6")))
      .Bytes(line.substr(0, line.size() / 2))
      .Reset();
  ExpectWatch("6").StartStream().Bytes(line.substr(0, 10)).Bytes(line.substr(10)).Bytes("\n");
  Start();
  ExpectTold({"relist", "synced", "restart", "+a", "restart", "+b"});
}

TEST_F(ListWatchTest, LeavesAConnectionThatFellSilent) {
  options_.max_silence = 1s;  // enough for the first event from a busy machine
  ExpectList().Answer(200, ListJson("5", ""));
  ExpectWatch("5").StartStream().Line(Event("ADDED", PodJson("a", "6")));  // and then half open
  ExpectWatch("6").Answer(410, "{}");
  ExpectList().AwaitRelease().Answer(200, ListJson("6", ""));
  Start();
  WaitUntil([this] { return server_.Requests().size() == 4; }, "the watch to be given up");
}

TEST_F(ListWatchTest, HeedsRetryAfterAndKeepsItsVersion) {
  ExpectList().Answer(200, ListJson("5", ""));
  ExpectWatch("5").Answer(429, "{}", {{"Retry-After", "1"}});
  ExpectWatch("5").StartStream();
  Start();
  server_.WaitUntilDone();
}

TEST_F(ListWatchTest, BacksOffFromAServerThatEndsWatchesAtOnce) {
  ExpectList().Answer(200, ListJson("5", ""));
  for (int i = 0; i < 3; ++i) ExpectWatch("5").StartStream().EndStream();
  ExpectWatch("5").StartStream();
  std::atomic<int> pauses{0};
  options_.hooks.on_trouble = [&](const base::Error&) { ++pauses; };
  Start();
  server_.WaitUntilDone();
  EXPECT_EQ(pauses, 3);
}

TEST_F(ListWatchTest, ListsAgainAfterAnEventThatCannotBeRead) {
  ExpectList().Answer(200, ListJson("5", ""));
  ExpectWatch("5").StartStream().Line(R"({"type":"ADDED","object":{"metadata":{}}})");
  ExpectList().Answer(200, ListJson("7", PodJson("a", "6")));
  ExpectWatch("7").StartStream();
  Start();
  server_.WaitUntilDone();
}

TEST_F(ListWatchTest, KeepsTryingWhileTheListIsRefused) {
  ExpectList().Answer(500, "{}");
  ExpectList().Answer(403, "{}");
  ExpectList().Answer(200, "<html>");
  ExpectList().Reset();
  ExpectList().Answer(200, ListJson("5", ""));
  ExpectWatch("5").StartStream();
  Start();
  server_.WaitUntilDone();
}

TEST_F(ListWatchTest, ListsAgainWhenItIsAskedToInTheMiddleOfAWatch) {
  ExpectList().Answer(200, ListJson("5", PodJson("a", "3")));
  ExpectWatch("5").StartStream();
  ExpectList().Answer(200, ListJson("7", PodJson("b", "6")));
  ExpectWatch("7").StartStream();
  Start();
  WaitUntil([this] { return server_.Requests().size() == 2; }, "the first watch");
  list_watch_->Relist();
  server_.WaitUntilDone();
  ExpectTold(
      {"relist", "+a", "synced", "restart", "relist", "+b", "-a/job-of-a", "synced", "restart"});
}

TEST_F(ListWatchTest, ListsAgainWhenItIsAskedToInTheMiddleOfAList) {
  ExpectList().AwaitRelease();
  ExpectList().Answer(200, ListJson("5", ""));
  ExpectWatch("5").StartStream();
  Start();
  WaitUntil([this] { return server_.Requests().size() == 1; }, "the first list");
  list_watch_->Relist();
  ExpectTold({"relist", "relist", "synced", "restart"});
  server_.Release();
}

TEST_F(ListWatchTest, ListsAtOnceWhenItIsAskedToInTheMiddleOfAPause) {
  ExpectList().Answer(429, "{}", {{"Retry-After", "200"}});
  ExpectList().Answer(200, ListJson("5", ""));
  ExpectWatch("5").StartStream();
  std::atomic<bool> refused{false};
  options_.hooks.on_trouble = [&](const base::Error&) { refused = true; };
  Start();
  WaitUntil([&] { return refused.load(); }, "the refusal");
  list_watch_->Relist();
  server_.WaitUntilDone();
}

TEST_F(ListWatchTest, StopsInTheMiddleOfASilentWatch) {
  ExpectList().Answer(200, ListJson("5", ""));
  ExpectWatch("5").StartStream();
  Start();
  server_.WaitUntilDone();
  thread_.request_stop();
  thread_.join();
}

}  // namespace
}  // namespace oneshot::kube
