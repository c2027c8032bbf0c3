#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/leader_term.h"
#include "controller/lease/lease_elector.h"
#include "tests/simulation/kube_client.h"
#include "tests/simulation/process.h"
#include "tests/simulation/store.h"
#include "tests/simulation/view_feed.h"

namespace oneshot::simulation {

/// What every controller of every schedule on one thread shares, because making it costs more than
/// a schedule.
struct Equipment {
  Equipment();

  controller::Options options;
  manifest::JobTemplate job_template;
  telemetry::Metrics metrics;
  controller::Instruments instruments{metrics};
};

/// One replica: the real elector, the real term and all its parts, each thread a fiber.
class Controller final : public Process {
 public:
  Controller(World& world, Oracle& oracle, Cluster& cluster, test::MemoryRunStore& store,
             Equipment& equipment, FaultSet faults, std::string name, Chooser chooser);
  ~Controller() override;

  void Boot() override;
  void Poke() override;
  /// What NOTIFY does.
  void OnQueue();
  void HangWatches(MonotonicTime until, bool jobs, bool pods, bool lists);
  /// Watches have something to tell.
  void PokeFeeds();
  void Heal() override;
  void Skew(std::chrono::milliseconds skew) { clock_.skew = skew; }

 private:
  class Clock final : public base::Clock {
   public:
    explicit Clock(const World& world) : world_(world) {}
    base::WallTime Wall() const override { return world_.Wall() + skew; }
    base::MonotonicTime Monotonic() const override { return world_.Monotonic(); }
    std::chrono::milliseconds skew{0};

   private:
    const World& world_;
  };
  /// Names and pauses; not choices, because nothing that is decided may depend on them.
  class Random final : public base::Random {
   public:
    explicit Random(Chooser chooser) : state_(static_cast<std::uint64_t>(chooser)) {}
    std::string Bytes(std::size_t size) override;
    double Fraction() override;

   private:
    std::uint64_t state_;
  };
  class Silence final : public store::Notifier {
   public:
    void Notify(const std::string& /*channel*/, const std::string& /*run_id*/) override {}
  };
  /// Each call on a thread of its own.
  class Background final : public queue::Background {
   public:
    explicit Background(Controller& owner) : owner_(owner) {}
    void Post(const std::string& /*lane*/, std::function<void()> call) override {
      owner_.Start(std::move(call));
    }

   private:
    Controller& owner_;
  };
  struct LoopThread {
    base::Loop* loop;
    Thread* thread;
  };

  void Forget() override;
  void Main();
  void Lead();
  base::Status ListAnew();
  void RunLoop(base::Loop& loop);
  void Work();
  bool IsOver() const;

  Cluster& cluster_;
  Equipment& equipment_;
  controller::Options options_;
  Clock clock_;
  Random random_;
  Silence notifier_;
  StoreModel store_;
  KubeClient client_;
  AttachModel attacher_;
  Background background_{*this};
  base::Heartbeats heartbeats_{clock_};
  std::unique_ptr<cluster::ClusterView> view_;
  std::shared_ptr<ViewFeed<kube::Job>> jobs_;
  std::shared_ptr<ViewFeed<kube::Pod>> pods_;
  std::optional<lease::LeaseElector> elector_;
  std::stop_source lead_;
  std::unique_ptr<controller::LeaderTerm> term_;
  Thread* main_{nullptr};
  Thread* leader_{nullptr};
  std::vector<LoopThread> loops_;
  std::vector<Thread*> workers_;
  /// When Poke is to be called for work that will be due.
  std::optional<MonotonicTime> alarm_;
};

}  // namespace oneshot::simulation
