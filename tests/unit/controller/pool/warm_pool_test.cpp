#include "controller/pool/warm_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controller/manifest/names.h"
#include "core/protocol/codec.h"
#include "tests/support/background_calls.h"
#include "tests/support/fake_attach_client.h"
#include "tests/support/hand_clock.h"
#include "tests/support/store/memory_run_store.h"
#include "tests/support/unexpected_client.h"

namespace oneshot::pool {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Refill = WarmPool::Refill;

/// Remembers the Jobs that were made and deleted, or refuses to make any.
class FakeClient final : public test::UnexpectedClient {
 public:
  base::Result<kube::Job> CreateJob(const std::string& manifest) override {
    if (refuses) return base::Error{base::ErrorCode::kPermissionDenied, "exceeded quota"};
    const auto object = nlohmann::json::parse(manifest);
    kube::Job job;
    job.meta.name = object["metadata"]["name"];
    job.labels = object["metadata"]["labels"];
    created.push_back(job);
    return job;
  }
  base::Status DeleteJob(const std::string& name, const std::string& /*uid*/) override {
    if (cannot_delete) return base::Error{base::ErrorCode::kUnavailable, "too many requests"};
    deleted.push_back(name);
    return {};
  }

  bool refuses{false};
  bool cannot_delete{false};
  std::vector<kube::Job> created;
  std::vector<std::string> deleted;
};

class Silence final : public store::Notifier {
 public:
  void Notify(const std::string& /*channel*/, const std::string& /*run_id*/) override {}
};

manifest::JobTemplate MakeTemplate(const std::string& image) {
  return *manifest::JobTemplate::Parse("{spec: {template: {spec: {containers: [{name: python}]}}}}",
                                       {.image = image, .memory_overhead_mib = 100});
}

class WarmPoolTest : public testing::Test {
 protected:
  WarmPoolTest() { clock_.now = base::MonotonicTime{hours(1)}; }

  void MakePool(PoolSettings settings) {
    if (settings.classes.empty())
      settings.classes = {{.name = "default", .memory_mib = 256, .minimum = 3, .maximum = 3}};
    pool_ = std::make_unique<WarmPool>(term_, std::move(settings));
  }
  /// What the workers do until nothing is due.
  void Work() {
    while (const auto key = term_.queue->TryTake()) {
      pool_->Reconcile(*key);
      term_.queue->Done(*key);
    }
  }
  void Tick(Refill refill = Refill::kNow) {
    pool_->Tick(refill);
    Work();
  }
  void Show(const kube::Pod& pod) {
    cluster_.PodHandlers().on_changed(pod);
    term_.queue->Add(pod.job_name);
    Work();
  }
  /// The pod of a Job that was made gets a node.
  kube::Pod ShowScheduled(const kube::Job& job) {
    cluster_.JobHandlers().on_changed(job);
    kube::Pod pod;
    pod.meta.name = job.meta.name + "-pod";
    pod.job_name = job.meta.name;
    pod.scheduled = true;
    Show(pod);
    return pod;
  }
  /// Its container runs, and its runner says that it waits.
  void ShowRunning(kube::Pod pod) {
    const auto attaches_before = attacher_.attaches.size();
    pod.container.kind = kube::ContainerState::Kind::kRunning;
    Show(pod);
    ASSERT_EQ(attacher_.attaches.size(), attaches_before + 1);
    ASSERT_EQ(attacher_.attaches.back()->pod, pod.meta.name);
    attacher_.attaches.back()->handlers.on_open();
    Answer();
  }
  void BecomeReady(const kube::Job& job) { ShowRunning(ShowScheduled(job)); }
  /// The runner that was attached last answers to `resume`.
  void Answer() {
    attacher_.attaches.back()->handlers.on_lines(
        {protocol::Encode(protocol::Record(protocol::Resumed{})),
         protocol::Encode(protocol::Record(
             protocol::Ready{.python = "3.11.2", .preloaded = {}, .preload_ms = 1}))});
    Work();
  }
  /// Time passes, and what becomes due is done.
  void Pass(milliseconds span) {
    clock_.now += span;
    Work();
  }
  /// A pool of one, whose Job waits. Returns its name.
  std::string MakePoolOfOne() {
    MakePool({.classes = {{.name = "default", .memory_mib = 256, .minimum = 1, .maximum = 1}},
              .max_idle_age = minutes(30)});
    Tick();
    BecomeReady(client_.created.at(0));
    return client_.created[0].meta.name;
  }
  const PoolClass& FirstClass() const { return pool_->settings().classes.front(); }

  test::HandClock clock_;
  base::Heartbeats heartbeats_{clock_};
  test::MemoryRunStore store_{clock_};
  FakeClient client_;
  test::FakeAttachClient attacher_;
  test::BackgroundCalls background_;
  cluster::ClusterView cluster_;
  manifest::JobTemplate template_{MakeTemplate("python:1")};
  Silence notifier_;
  telemetry::Metrics metrics_;
  controller::Instruments instruments_{metrics_};
  int ready_calls_{0};
  controller::Term term_{{.store = store_,
                          .notifier = notifier_,
                          .client = client_,
                          .attacher = attacher_,
                          .background = background_,
                          .cluster = cluster_,
                          .list_anew = {},
                          .job_template = template_,
                          .instruments = instruments_,
                          .clock = clock_,
                          .random = base::SystemRandom(),
                          .heartbeats = heartbeats_},
                         *store_.TakeEpoch("this one"),
                         [this] { ++ready_calls_; }};
  std::unique_ptr<WarmPool> pool_;
};

TEST_F(WarmPoolTest, OnlySoManyPreloadAtTheSameTime) {
  MakePool({.max_starting = 2});
  Tick();
  ASSERT_THAT(client_.created, SizeIs(2));
  Tick();
  ASSERT_THAT(client_.created, SizeIs(2));
  BecomeReady(client_.created[0]);
  EXPECT_EQ(ready_calls_, 1);
  Tick();
  EXPECT_THAT(client_.created, SizeIs(3));
}

// Learned from the starts that it saw: the status may say late that a container runs.
TEST_F(WarmPoolTest, ALaterJobIsAttachedToAsSoonAsTheFirstOnesHadAnswered) {
  MakePool({.max_starting = 1});
  Tick();
  ASSERT_THAT(client_.created, SizeIs(1));
  const kube::Pod first = ShowScheduled(client_.created[0]);
  Pass(milliseconds(400));
  ShowRunning(first);
  Tick();
  ASSERT_THAT(client_.created, SizeIs(2));
  ShowScheduled(client_.created[1]);
  Pass(milliseconds(299));
  ASSERT_THAT(attacher_.attaches, SizeIs(1));
  Pass(milliseconds(1));
  EXPECT_THAT(attacher_.attaches, SizeIs(2)) << "three quarters of 400 ms";
}

TEST_F(WarmPoolTest, NothingIsRefilledWhenThatIsForLater) {
  MakePool({});
  Tick(Refill::kLater);
  EXPECT_THAT(client_.created, IsEmpty());
  Tick(Refill::kNow);
  EXPECT_THAT(client_.created, SizeIs(2));
}

TEST_F(WarmPoolTest, StaysInsideItsMemoryWithWhatPodsTakeBeyondTheRuns) {
  MakePool({.memory_budget_mib = 2 * (256 + 100), .max_starting = 10});
  Tick();
  EXPECT_THAT(client_.created, SizeIs(2));
}

TEST_F(WarmPoolTest, PausesLongerAfterEachRefusalAndNotAtAllAfterASuccess) {
  MakePool({.max_starting = 1});
  client_.refuses = true;
  Tick();  // refused: a pause of 1 to 2 s
  client_.refuses = false;
  clock_.now += milliseconds(900);
  Tick();
  EXPECT_THAT(client_.created, IsEmpty());
  client_.refuses = true;
  clock_.now += seconds(2);
  Tick();  // refused again: 2 to 4 s
  client_.refuses = false;
  clock_.now += milliseconds(1900);
  Tick();
  EXPECT_THAT(client_.created, IsEmpty());
  clock_.now += seconds(4);
  Tick();
  ASSERT_THAT(client_.created, SizeIs(1));
  BecomeReady(client_.created[0]);
  Tick();
  EXPECT_THAT(client_.created, SizeIs(2));
}

TEST_F(WarmPoolTest, AJobThatDoesNotBecomeReadyInTimeIsDeletedAndCountsAsARefusal) {
  MakePool({.start_timeout = seconds(60), .max_starting = 1});
  Tick();
  ASSERT_THAT(client_.created, SizeIs(1));
  cluster_.JobHandlers().on_changed(client_.created[0]);
  clock_.now += seconds(61);
  term_.queue->Add(client_.created[0].meta.name);
  Work();
  Tick();
  EXPECT_THAT(client_.deleted, ElementsAre(client_.created[0].meta.name));
  EXPECT_THAT(client_.created, SizeIs(1));
  clock_.now += seconds(2);
  Tick();
  EXPECT_THAT(client_.created, SizeIs(2));
}

TEST_F(WarmPoolTest, AJobThatWaitedTooLongIsReplaced) {
  MakePool({.classes = {{.name = "default", .memory_mib = 256, .minimum = 1, .maximum = 1}},
            .max_idle_age = minutes(30)});
  Tick();
  BecomeReady(client_.created.at(0));
  clock_.now += minutes(29);
  Tick();
  EXPECT_THAT(client_.deleted, IsEmpty());
  clock_.now += minutes(1);
  Tick();
  EXPECT_THAT(client_.deleted, ElementsAre(client_.created[0].meta.name));
  EXPECT_THAT(client_.created, SizeIs(2));
}

TEST_F(WarmPoolTest, AJobIsReservedOnceAndHandedOutOnce) {
  MakePool({.classes = {{.name = "default", .memory_mib = 256, .minimum = 1, .maximum = 1}}});
  Tick();
  const std::string name = client_.created.at(0).meta.name;
  EXPECT_THAT(pool_->Reserve(FirstClass(), 10), IsEmpty()) << "before it is ready";
  BecomeReady(client_.created[0]);
  EXPECT_THAT(pool_->Reserve(FirstClass(), 10), ElementsAre(name));
  EXPECT_THAT(pool_->Reserve(FirstClass(), 10), IsEmpty());
  pool_->Release({name});
  EXPECT_THAT(pool_->Reserve(FirstClass(), 10), ElementsAre(name));
  EXPECT_NE(pool_->Hand(name), nullptr);
  EXPECT_EQ(pool_->Hand(name), nullptr);
  EXPECT_FALSE(pool_->Owns(name));
}

// R9: a dead node's link stays open and silent.
TEST_F(WarmPoolTest, AJobWhoseRunnerHasNotAnsweredForTenSecondsIsNotHandedOut) {
  const std::string name = MakePoolOfOne();
  Pass(seconds(10));
  EXPECT_THAT(pool_->Reserve(FirstClass(), 1), ElementsAre(name));
  pool_->Release({name});
  Pass(milliseconds(1));
  EXPECT_THAT(pool_->Reserve(FirstClass(), 1), IsEmpty());
  EXPECT_TRUE(pool_->Owns(name));
}

TEST_F(WarmPoolTest, AJobWhoseRunnerAnswersAgainIsHandedOutAgain) {
  const std::string name = MakePoolOfOne();
  const auto written_before = attacher_.attaches.back()->written.size();
  Pass(seconds(4));
  EXPECT_EQ(attacher_.attaches.back()->written.size(), written_before + 1) << "it is asked";
  Pass(seconds(7));
  EXPECT_THAT(pool_->Reserve(FirstClass(), 1), IsEmpty());
  ASSERT_THAT(attacher_.attaches, SizeIs(2)) << "over a new link at last";
  attacher_.attaches.back()->handlers.on_open();
  Answer();
  EXPECT_THAT(pool_->Reserve(FirstClass(), 1), ElementsAre(name));
}

TEST_F(WarmPoolTest, AJobWhoseRunnerIsSilentForHalfAMinuteIsLostAndReplaced) {
  const std::string name = MakePoolOfOne();
  for (int i = 0; i < 29; ++i) Pass(seconds(1));
  EXPECT_TRUE(pool_->Owns(name));
  Pass(seconds(1));
  EXPECT_FALSE(pool_->Owns(name));
  Tick();
  EXPECT_THAT(client_.deleted, ElementsAre(name));
  EXPECT_THAT(client_.created, SizeIs(2));
}

TEST_F(WarmPoolTest, AReservedJobIsNotDroppedWhenItsPodIsLost) {
  const std::string name = MakePoolOfOne();
  ASSERT_THAT(pool_->Reserve(FirstClass(), 1), ElementsAre(name));
  kube::Pod pod;
  pod.meta.name = name + "-pod";
  pod.job_name = name;
  cluster_.PodHandlers().on_deleted(pod);
  term_.queue->Add(name);
  Work();
  EXPECT_TRUE(pool_->Owns(name)) << "it may be a run's by now";
  pool_->Release({name});
  Work();
  EXPECT_FALSE(pool_->Owns(name));
}

// R6: a controller that was paused, and whose successor has given the Job to a run.
TEST_F(WarmPoolTest, AJobThatARunHoldsIsNotDeleted) {
  const std::string name = MakePoolOfOne();
  ASSERT_TRUE(store_.Submit({.id = "r", .spec = {}, .submitter = {}}));
  const auto claimed = store_.Claim(
      term_.epoch, {.warm_job_names = {name}, .pool_memory_mib = 256, .cold_slots = 0});
  ASSERT_TRUE(claimed);
  ASSERT_THAT(claimed->runs, SizeIs(1));
  clock_.now += minutes(30);
  Tick();
  EXPECT_FALSE(pool_->Owns(name));
  EXPECT_THAT(client_.deleted, IsEmpty());
  Tick();
  EXPECT_THAT(client_.deleted, IsEmpty());
  EXPECT_FALSE(term_.end.stop_requested());
}

TEST_F(WarmPoolTest, AnOldEpochDeletesNothingAndEndsTheTerm) {
  MakePoolOfOne();
  ASSERT_TRUE(store_.TakeEpoch("the successor"));
  clock_.now += minutes(30);
  Tick(Refill::kLater);
  EXPECT_THAT(client_.deleted, IsEmpty());
  EXPECT_TRUE(term_.end.stop_requested());
}

TEST_F(WarmPoolTest, NothingIsDeletedUntilTheStoreHasPermittedIt) {
  const std::string name = MakePoolOfOne();
  clock_.now += minutes(30);
  store_.SetUnavailable(true);
  Tick(Refill::kLater);
  EXPECT_THAT(client_.deleted, IsEmpty());
  store_.SetUnavailable(false);
  Tick(Refill::kLater);
  EXPECT_THAT(client_.deleted, ElementsAre(name));
  const auto claimed = store_.ClaimedJobs({name});
  ASSERT_TRUE(claimed);
  EXPECT_THAT(*claimed, ElementsAre(name)) << "no run can get it any more";
}

TEST_F(WarmPoolTest, ADeleteThatFailsIsTriedAgain) {
  const std::string name = MakePoolOfOne();
  clock_.now += minutes(30);
  client_.cannot_delete = true;
  Tick(Refill::kLater);
  client_.cannot_delete = false;
  Tick(Refill::kLater);
  EXPECT_THAT(client_.deleted, ElementsAre(name));
  Tick(Refill::kLater);
  EXPECT_THAT(client_.deleted, SizeIs(1));
}

TEST_F(WarmPoolTest, AJobThatOnceHadARunIsNotTakenOver) {
  const std::string name = MakePoolOfOne();
  ASSERT_TRUE(store_.Retire(term_.epoch, {name}));
  MakePool({});
  ASSERT_TRUE(pool_->Adopt());
  EXPECT_FALSE(pool_->Owns(name));
}

TEST_F(WarmPoolTest, TakesOverJobsOfItsTemplateAndDeletesThoseOfAnother) {
  MakePool({.max_starting = 1});
  Tick();
  const kube::Job job = client_.created.at(0);
  cluster_.JobHandlers().on_changed(job);

  MakePool({});
  ASSERT_TRUE(pool_->Adopt());
  EXPECT_TRUE(pool_->Owns(job.meta.name));

  template_ = MakeTemplate("python:2");
  MakePool({});
  ASSERT_TRUE(pool_->Adopt());
  EXPECT_FALSE(pool_->Owns(job.meta.name));
  Tick(Refill::kLater);
  EXPECT_THAT(client_.deleted, ElementsAre(job.meta.name));
}

}  // namespace
}  // namespace oneshot::pool
