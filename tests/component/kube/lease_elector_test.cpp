#include "controller/lease/lease_elector.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>

#include "controller/kube/curl_client.h"
#include "core/base/thread.h"
#include "tests/support/autonomous_api_server.h"
#include "tests/support/loopback_tls.h"
#include "tests/support/scripted_server.h"
#include "tests/support/wait_until.h"

namespace oneshot::lease {
namespace {

using test::WaitUntil;
using namespace std::chrono_literals;

constexpr const char* kLeases = "/apis/coordination.k8s.io/v1/namespaces/system/leases";
const std::string kLease = std::string(kLeases) + "/leader";

std::string LeaseJson(const std::string& holder, const std::string& version) {
  return R"({"kind":"Lease","metadata":{"name":"leader","resourceVersion":")" + version +
         R"("},"spec":{"holderIdentity":")" + holder + R"(","leaseDurationSeconds":15}})";
}

/// One candidate with everything it needs.
class Candidate {
 public:
  /// `work` is the leader's; without it the candidate leads until its term ends.
  Candidate(std::uint16_t port, const std::string& identity, Timing timing,
            std::function<void(std::stop_token)> work = UntilTheEnd)
      : client_(test::CredentialsFor(port), Options(), stop_.get_token()),
        elector_(client_, clock_, base::SystemRandom(), "leader", identity, timing,
                 {.on_started_leading = [this, work = std::move(work)](std::stop_token term) {
                   ++gained;
                   work(term);
                   ++lost;
                 }}) {
    thread_ =
        base::StartThread("elector", [this](std::stop_token) { elector_.Run(stop_.get_token()); });
  }
  ~Candidate() { stop_.request_stop(); }
  void Stop() {
    stop_.request_stop();
    thread_.join();
  }
  bool IsLeader() const { return gained > lost; }

  std::atomic<int> gained{0};
  std::atomic<int> lost{0};

 private:
  static void UntilTheEnd(std::stop_token term) { base::SleepFor(term, 1h); }
  static kube::ClientOptions Options() {
    kube::ClientOptions options;
    options.run_namespace = "runs";
    options.system_namespace = "system";
    options.first_retry = 1ms;
    return options;
  }

  std::stop_source stop_;
  base::SystemClock clock_;
  kube::CurlClient client_;
  LeaseElector elector_;
  std::jthread thread_;
};

// A long pause between tries, so that a conversation is over before the next one begins.
constexpr Timing kOneTry{120s, 100s, 60s, 500ms};
// Renewal many times a second, and patience for a slow machine.
constexpr Timing kQuick{4s, 3s, 20ms, 500ms};

TEST(LeaseElector, CreatesLeadsAndReleases) {
  test::ScriptedServer server;
  server.Expect("GET", kLease).Answer(404, "{}");
  server.Expect("POST", kLeases)
      .WithBody(R"("holderIdentity":"me")")
      .Answer(201, LeaseJson("me", "1"));
  Candidate me(server.Port(), "me", kOneTry);
  WaitUntil([&] { return me.gained == 1; }, "leadership");
  EXPECT_TRUE(me.IsLeader());
  server.Expect("PUT", kLease).WithBody(R"("holderIdentity":"")").Answer(200, LeaseJson("", "2"));
  me.Stop();
  EXPECT_EQ(me.lost, 1);
  EXPECT_FALSE(me.IsLeader());
}

TEST(LeaseElector, SomebodyWasFaster) {
  test::ScriptedServer server;
  server.Expect("GET", kLease).Answer(200, LeaseJson("", "1"));
  server.Expect("PUT", kLease)
      .WithBody(R"("resourceVersion":"1")")
      .Answer(409, R"({"kind":"Status","reason":"Conflict"})");
  server.Expect("GET", kLease).Answer(200, LeaseJson("other", "2"));
  Candidate me(server.Port(), "me", kOneTry);
  server.WaitUntilDone();
  me.Stop();
  EXPECT_EQ(me.gained, 0);
}

TEST(LeaseElector, ALostAnswerIsReadBackAndConfirmedByARenewal) {
  test::ScriptedServer server;
  server.Expect("GET", kLease).Answer(200, LeaseJson("", "1"));
  server.Expect("PUT", kLease).StartStream().Close();
  server.Expect("GET", kLease).Answer(200, LeaseJson("me", "2"));  // it had arrived
  server.Expect("GET", kLease).Answer(200, LeaseJson("me", "2"));
  server.Expect("PUT", kLease)
      .WithBody(R"("resourceVersion":"2")")
      .Answer(200, LeaseJson("me", "3"));
  Timing timing = kOneTry;
  timing.retry_period = 1s;
  Candidate me(server.Port(), "me", timing);
  WaitUntil([&] { return me.gained == 1; }, "leadership");
  server.Expect("PUT", kLease).Answer(200, LeaseJson("", "4"));
  me.Stop();
}

TEST(LeaseElector, AStandbyTakesOverAtOnceWhatWasReleased) {
  test::AutonomousApiServer server({});
  Candidate first(server.Port(), "first", kQuick);
  WaitUntil([&] { return first.gained == 1; }, "the first to lead");
  Candidate second(server.Port(), "second",
                   {120s, 100s, 20ms, 500ms});  // would wait two minutes for expiry
  WaitUntil([&] { return server.RequestCount("GET", "/leases/leader") > 2; }, "the second to look");
  EXPECT_EQ(second.gained, 0);
  first.Stop();
  WaitUntil([&] { return second.gained == 1; }, "the second to lead");
  EXPECT_EQ(first.lost, 1);
  second.Stop();
}

TEST(LeaseElector, AStandbyThatDiesChangesNothing) {
  test::AutonomousApiServer server({});
  Candidate first(server.Port(), "first", kQuick);
  WaitUntil([&] { return first.gained == 1; }, "the first to lead");
  const std::size_t before = server.RequestCount("GET", "/leases/leader");
  Candidate second(server.Port(), "second", kQuick);
  WaitUntil([&] { return server.RequestCount("GET", "/leases/leader") > before + 2; },
            "the second to look");
  second.Stop();
  const std::size_t renewals = server.RequestCount("PUT", "/leases/leader");
  WaitUntil([&] { return server.RequestCount("PUT", "/leases/leader") > renewals + 2; },
            "the first to renew");
  EXPECT_TRUE(first.IsLeader());
  EXPECT_EQ(first.gained, 1);
  EXPECT_EQ(second.gained, 0);
  first.Stop();
}

TEST(LeaseElector, StopsLeadingWhenItCannotRenewAndComesBack) {
  test::AutonomousApiServer server({});
  Candidate me(server.Port(), "me", {3s, 1s, 20ms, 500ms});
  WaitUntil([&] { return me.gained == 1; }, "leadership");
  server.Refuse("PUT", "/leases/", 500, 1'000'000);
  server.Refuse("GET", "/leases/", 500, 10);
  WaitUntil([&] { return me.lost == 1; }, "its loss");
  EXPECT_FALSE(me.IsLeader());
  me.Stop();
  EXPECT_EQ(me.gained, 1);
}

TEST(LeaseElector, ARenewalWithoutAnAnswerDoesNotOutlastTheTerm) {
  test::ScriptedServer server;
  server.Expect("GET", kLease).Answer(404, "{}");
  server.Expect("POST", kLeases).Answer(201, LeaseJson("me", "1"));
  server.Expect("PUT", kLease).StartStream();
  // Patience for a call is far beyond the term's end.
  Candidate me(server.Port(), "me", {600s, 3s, 100ms, 300s});
  WaitUntil([&] { return me.gained == 1; }, "leadership");
  server.Expect("GET", kLease).StartStream();
  EXPECT_TRUE(WaitUntil([&] { return me.lost == 1; }, "the end of its term"));
  EXPECT_TRUE(WaitUntil([&] { return server.Requests().size() == 4; }, "competing again"));
  server.Expect("PUT", kLease).WithBody(R"("holderIdentity":"")").Answer(200, LeaseJson("", "2"));
  me.Stop();
  EXPECT_EQ(me.gained, 1);
}

TEST(LeaseElector, ReleasesTheLeaseOnlyWhenTheTermHasEnded) {
  test::ScriptedServer server;
  server.Expect("GET", kLease).Answer(404, "{}");
  server.Expect("POST", kLeases).Answer(201, LeaseJson("me", "1"));
  std::atomic<bool> told{false};
  std::atomic<bool> may_end{false};
  Candidate me(server.Port(), "me", kOneTry, [&](std::stop_token term) {
    const std::stop_callback tell(term, [&] { told = true; });
    WaitUntil([&] { return may_end.load(); }, "leave to end");
  });
  WaitUntil([&] { return me.gained == 1; }, "leadership");
  const auto stopping = base::StartThread("stop", [&](std::stop_token) { me.Stop(); });
  WaitUntil([&] { return told.load(); }, "the term being told to end");
  EXPECT_EQ(server.Requests().size(), 2U);
  // Expected only from now on: an earlier release would have failed the test.
  server.Expect("PUT", kLease).WithBody(R"("holderIdentity":"")").Answer(200, LeaseJson("", "2"));
  may_end = true;
  server.WaitUntilDone();
}

TEST(LeaseElector, ATermThatEndsByItselfIsFollowedByAnotherOnceTheLeaseIsConfirmed) {
  test::ScriptedServer server;
  server.Expect("GET", kLease).Answer(404, "{}");
  server.Expect("POST", kLeases).Answer(201, LeaseJson("me", "1"));
  std::atomic<bool> gives_up{false};
  Candidate me(server.Port(), "me", kOneTry, [&](std::stop_token term) {
    WaitUntil([&] { return gives_up.exchange(false) || term.stop_requested(); }, "its end");
  });
  WaitUntil([&] { return me.gained == 1; }, "leadership");
  server.Expect("PUT", kLease)
      .WithBody(R"("resourceVersion":"1")")
      .Answer(200, LeaseJson("me", "2"));
  gives_up = true;
  WaitUntil([&] { return me.gained == 2; }, "a second term");
  server.Expect("PUT", kLease).WithBody(R"("holderIdentity":"")").Answer(200, LeaseJson("", "3"));
  me.Stop();
  EXPECT_EQ(me.lost, 2);
}

TEST(LeaseElector, ATermThatEndsByItselfIsTheLastWhenAnotherHasTakenTheLease) {
  test::ScriptedServer server;
  server.Expect("GET", kLease).Answer(404, "{}");
  server.Expect("POST", kLeases).Answer(201, LeaseJson("me", "1"));
  server.Expect("PUT", kLease).Answer(409, R"({"kind":"Status","reason":"Conflict"})");
  server.Expect("GET", kLease).Answer(200, LeaseJson("other", "2"));
  Candidate me(server.Port(), "me", kOneTry, [](std::stop_token) {});
  server.WaitUntilDone();
  me.Stop();
  EXPECT_EQ(me.gained, 1);
}

}  // namespace
}  // namespace oneshot::lease
