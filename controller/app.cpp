#include "controller/app.h"

#include <utility>

#include "controller/lease/lease_elector.h"
#include "controller/manifest/names.h"
#include "core/store/migrate.h"
#include "core/telemetry/log.h"

namespace oneshot::controller {
namespace {

using telemetry::Level;
using telemetry::Log;

constexpr auto kRetryPause = std::chrono::seconds(1);
// Two dead watches in turn (WatchOptions::max_silence): longer is an API server that is away.
constexpr auto kMaxSilence = std::chrono::seconds(60);
// A page of a list may take 30 s, and once more after a rejected token.
// A list takes milliseconds; an API server that needs longer than this could not keep a leader.
constexpr base::Milliseconds kListPatience{10'000};
constexpr auto kWatchBound = std::chrono::seconds(120);

kube::ClientOptions MakeClientOptions(const Options& options, telemetry::Metrics& metrics) {
  auto throttled = metrics.MakeHistogram("oneshot_kubernetes_throttled_seconds",
                                         "Waiting for our own rate limit");
  return {.run_namespace = options.jobs.run_namespace,
          .system_namespace = options.system_namespace,
          .instance = options.identity,
          .requests_per_second = options.requests_per_second,
          .burst = options.request_burst,
          .on_throttled = [throttled](std::chrono::nanoseconds waited) mutable {
            throttled.ObserveSeconds(std::chrono::duration<double>(waited).count());
          }};
}

}  // namespace

base::Result<std::unique_ptr<App>> App::Create(Options options, std::stop_token stop) {
  telemetry::SetLogLevel(options.log_level);
  auto job_template = manifest::JobTemplate::Load(options.job_template_file, options.jobs);
  if (!job_template) return job_template.error();
  auto credentials = options.kubeconfig.empty()
                         ? kube::Credentials::InCluster(kube::InClusterPlace::FromEnvironment())
                         : kube::Credentials::FromKubeconfig(options.kubeconfig);
  if (!credentials) return credentials.error();
  std::unique_ptr<App> app(
      new App(std::move(options), *std::move(job_template), *std::move(credentials), stop));
  auto admin =
      admin::AdminServer::Start(app->options_.admin_listen,
                                {.program = "oneshot-controller",
                                 .readiness = [raw = app.get()] { return raw->Readiness(); },
                                 .liveness = [raw = app.get()] { return raw->heartbeats_.Check(); },
                                 .metrics = [raw = app.get()] { return raw->metrics_.Render(); }});
  if (!admin) return admin.error();
  app->admin_ = *std::move(admin);
  return app;
}

App::App(Options options, manifest::JobTemplate job_template,
         std::shared_ptr<kube::Credentials> credentials, std::stop_token stop)
    : options_(std::move(options)),
      job_template_(std::move(job_template)),
      credentials_(std::move(credentials)),
      instruments_{metrics_},
      store_(options_.database.url, options_.database.connections, options_.database.call_timeout),
      client_(credentials_, MakeClientOptions(options_, metrics_), stop),
      attacher_(kube::MakeAttachClient(credentials_, {.run_namespace = options_.jobs.run_namespace,
                                                      .container = manifest::kContainer})),
      lanes_(heartbeats_, stop),
      job_watcher_(credentials_, MakeWatchOptions("jobs"), cluster_.JobHandlers()),
      pod_watcher_(credentials_, MakeWatchOptions("pods"), cluster_.PodHandlers()) {
  cluster_.SetRelist([this] {
    job_watcher_.Relist();
    pod_watcher_.Relist();
  });
}

base::Status App::Readiness() const {
  const auto heard = cluster_.LastHeard();
  if (!heard || !cluster_.IsSynced())
    return base::Error{base::ErrorCode::kUnavailable, "the first lists have not arrived"};
  const auto silence = base::Milliseconds(base::MillisecondsBetween(*heard, clock_.Monotonic()));
  if (silence <= kMaxSilence) return {};
  return base::Error{base::ErrorCode::kUnavailable,
                     "the API server has said nothing about Jobs or pods for " +
                         std::to_string(silence.count() / 1000) + " s"};
}

template <typename Watcher>
std::jthread App::StartWatching(const char* name, Watcher& watcher, std::stop_token stop) {
  return base::StartThread(name, [this, name, &watcher, stop](std::stop_token) {
    base::Heartbeat heartbeat(heartbeats_, name, kWatchBound);
    watcher.Run(stop, heartbeat);
  });
}

kube::WatchOptions App::MakeWatchOptions(const char* resource) {
  const telemetry::Labels labels{{"resource", resource}};
  auto restarts = metrics_.MakeCounter("oneshot_watch_restarts_total",
                                       "Watches begun again where they ended", labels);
  auto relists = metrics_.MakeCounter("oneshot_watch_lists_total", "Lists before a watch", labels);
  auto expired = metrics_.MakeCounter("oneshot_watch_expired_total",
                                      "Watches whose version was too old (410)", labels);
  return {.run_namespace = options_.jobs.run_namespace,
          .label_selector = manifest::InstanceSelector(options_.jobs.instance),
          .hooks = {.on_restart = [restarts]() mutable { restarts.Add(); },
                    .on_relist = [relists]() mutable { relists.Add(); },
                    .on_expired = [expired]() mutable { expired.Add(); },
                    .on_trouble =
                        [name = std::string(resource)](const base::Error& error) {
                          Log(Level::kWarning, "watch interrupted",
                              {{"resource", name}, {"error", error.message}});
                        }}};
}

int App::Run(std::stop_token stop) {
  const auto jobs = StartWatching("watch-jobs", job_watcher_, stop);
  const auto pods = StartWatching("watch-pods", pod_watcher_, stop);
  auto migrated = store::Migrate(options_.database.url);
  while (!migrated && migrated.error().code == base::ErrorCode::kUnavailable) {
    Log(Level::kWarning, "waiting for the database", {{"error", migrated.error().message}});
    if (!base::SleepFor(stop, kRetryPause)) return 0;
    migrated = store::Migrate(options_.database.url);
  }
  if (!migrated) {
    Log(Level::kError, "the database's schema cannot be used",
        {{"error", migrated.error().message}});
    return 1;
  }
  // A replica that does not see the cluster yet must not keep another one from leading.
  if (!cluster_.WaitUntilSynced(stop)) return 0;
  const auto notifier =
      store::MakePgNotifier(options_.database.url, options_.database.call_timeout);
  lease::LeaseElector elector(
      client_, clock_, base::SystemRandom(), options_.lease_name, options_.identity,
      lease::Timing::For(options_.lease_duration),
      {.on_started_leading = [&](std::stop_token term) { Lead(term, *notifier); },
       .on_trouble =
           [](const base::Error& error) {
             Log(Level::kWarning, "lease call failed", {{"error", error.message}});
           }});
  elector.Run(stop);
  return 0;
}

void App::Lead(std::stop_token stop, store::Notifier& notifier) {
  const auto list_anew = [this](std::stop_token asked) -> base::Status {
    if (cluster_.WaitUntilListed(cluster_.Relist(), kListPatience, std::move(asked))) return {};
    return base::Error{base::ErrorCode::kUnavailable, "the cluster could not be listed"};
  };
  const auto term = LeaderTerm::Begin(options_,
                                      {.store = store_,
                                       .notifier = notifier,
                                       .client = client_,
                                       .attacher = *attacher_,
                                       .background = lanes_,
                                       .cluster = cluster_,
                                       .list_anew = list_anew,
                                       .job_template = job_template_,
                                       .instruments = instruments_,
                                       .clock = clock_,
                                       .random = base::SystemRandom(),
                                       .heartbeats = heartbeats_},
                                      stop);
  if (!term) {
    // The Lease is kept meanwhile: another replica would meet the same database.
    Log(Level::kWarning, "cannot lead yet", {{"error", term.error().message}});
    base::SleepFor(stop, kRetryPause);
    return;
  }
  const auto on_queue = [&term] { (*term)->OnQueue(); };
  const auto listener = store::MakePgListener(
      options_.database.url, store::kQueueChannel,
      {.on_notification = [on_queue](const std::vector<std::string>&) { on_queue(); },
       .on_connected = on_queue},
      options_.database.call_timeout);
  (*term)->Run(stop);
}

}  // namespace oneshot::controller
