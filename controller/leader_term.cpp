#include "controller/leader_term.h"

#include <thread>
#include <vector>

#include "controller/manifest/names.h"
#include "core/base/thread.h"
#include "core/telemetry/log.h"

namespace oneshot::controller {

using telemetry::Level;
using telemetry::Log;

LeaderTerm::LeaderTerm(const Options& options, const Services& services, std::int64_t epoch)
    : options_(options),
      term_{services, epoch, [this] { dispatcher_.Wake(); }},
      reconciler_(term_, executions_, options.reconcile),
      pool_(term_, options.pool),
      dispatcher_(term_, executions_, pool_, options, [this] { sweeper_.Wake(); }),
      sweeper_(term_, executions_, pool_, options) {
  term_.cluster.SetListener([this](const std::string& job_name) { OnJob(job_name); });
}

LeaderTerm::~LeaderTerm() { term_.cluster.SetListener({}); }

base::Result<std::unique_ptr<LeaderTerm>> LeaderTerm::Begin(const Options& options,
                                                            const Services& services,
                                                            std::stop_token stop) {
  const auto epoch = services.store.TakeEpoch(options.identity);
  if (!epoch) return epoch.error();
  // From here on nobody else writes. What is seen must be newer than that: a watch may have been
  // dead for a while without knowing it.
  if (auto listed = services.list_anew(std::move(stop)); !listed) return listed.error();
  std::unique_ptr<LeaderTerm> term(new LeaderTerm(options, services, *epoch));
  if (auto adopted = term->dispatcher_.Adopt(); !adopted) return adopted.error();
  if (auto adopted = term->pool_.Adopt(); !adopted) return adopted.error();
  return term;
}

void LeaderTerm::Run(std::stop_token stop) {
  const std::stop_callback on_stop(stop, [this] { term_.end.request_stop(); });
  const std::stop_token end = term_.end.get_token();
  Log(Level::kInfo, "leading", {{"epoch", term_.epoch}, {"identity", options_.identity}});
  term_.instruments.leading.Set(1);
  {
    const auto run = [this, end](const char* name, base::Loop& loop) {
      base::Heartbeat heartbeat(term_.heartbeats, name, kTermHeartbeat);
      loop.Run(end, heartbeat);
    };
    std::vector<std::jthread> threads;
    threads.push_back(
        base::StartThread("dispatch", [&](std::stop_token) { run("dispatch", dispatcher_); }));
    threads.push_back(base::StartThread(
        "job-marker", [&](std::stop_token) { run("job-marker", reconciler_.marker()); }));
    for (int i = 0; i < options_.workers; ++i) {
      threads.push_back(base::StartThread("work-" + std::to_string(i),
                                          [this, end](std::stop_token) { Work(end); }));
    }
    run("sweep", sweeper_);
  }
  reconciler_.marker().WriteLastMarks();
  term_.instruments.leading.Set(0);
  Log(Level::kInfo, "no longer leading", {{"epoch", term_.epoch}});
}

std::vector<base::Loop*> LeaderTerm::Loops() {
  return {&dispatcher_, &reconciler_.marker(), &sweeper_};
}

void LeaderTerm::OnJob(const std::string& job_name) {
  const std::string run_id = executions_.RunOfJob(job_name);
  if (!run_id.empty()) {
    term_.queue->Add(run_id);
  } else if (pool_.Owns(job_name)) {
    term_.queue->Add(job_name);
  }
}

void LeaderTerm::OnQueue() { dispatcher_.Wake(); }

void LeaderTerm::Work(std::stop_token stop) {
  base::Heartbeat heartbeat(term_.heartbeats, "work", kTermHeartbeat);
  heartbeat.Rest();
  while (auto key = term_.queue->Take(stop)) {
    heartbeat.Beat();
    WorkOn(*key);
    heartbeat.Rest();
  }
}

bool LeaderTerm::WorkOnce() {
  const auto key = term_.queue->TryTake();
  if (key) WorkOn(*key);
  return key.has_value();
}

void LeaderTerm::WorkOn(const std::string& key) {
  if (manifest::IsWarmJobName(key)) {
    pool_.Reconcile(key);
  } else {
    reconciler_.Reconcile(key);
  }
  term_.queue->Done(key);
}

}  // namespace oneshot::controller
