#include "api/app.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "api/routes.h"
#include "api/wire/objects.h"
#include "core/base/thread.h"
#include "core/base/version.h"
#include "core/store/migrate.h"
#include "core/store/pg_run_store.h"
#include "core/telemetry/log.h"

namespace oneshot::api {
namespace {

using telemetry::Level;
using telemetry::Log;

base::Result<std::string> ReadEnvironment(const Options& options) {
  std::string facts = "{}";
  if (!options.environment_file.empty()) {
    std::ifstream file(options.environment_file);
    std::ostringstream text;
    text << file.rdbuf();
    facts = text.str();
  }
  auto json = wire::EnvironmentToJson(facts, options.run_image, options.limits);
  if (!json) {
    return base::Error{base::ErrorCode::kInvalidArgument,
                       options.environment_file + ": " + json.error().message};
  }
  return json;
}

}  // namespace

Backend OpenBackend(const Options& options) {
  const std::string& url = options.database.url;
  const base::Milliseconds call_timeout = options.database.call_timeout;
  return {
      .store = std::make_unique<store::PgRunStore>(url, options.database.connections, call_timeout),
      .notifier = store::MakePgNotifier(url, call_timeout),
      .listen =
          [url, call_timeout](store::ListenHandlers handlers) {
            return store::MakePgListener(url, store::kChangesChannel, std::move(handlers),
                                         call_timeout);
          },
      .prepare = [url] { return store::Migrate(url); }};
}

base::Result<std::unique_ptr<App>> App::Create(Options options, Backend backend) {
  telemetry::SetLogLevel(options.log_level);
  auto environment = ReadEnvironment(options);
  if (!environment) return environment.error();
  std::unique_ptr<App> app(
      new App(std::move(options), std::move(backend), *std::move(environment)));
  if (const base::Status status = app->Listen(); !status) return status.error();
  return app;
}

App::App(Options options, Backend backend, std::string environment_json)
    : options_(std::move(options)),
      backend_(std::move(backend)),
      workers_(options_.workers, options_.max_queued_requests),
      watch_(workers_, options_.max_watchers),
      queue_gate_(*backend_.store, clock_, options_.queue),
      queue_positions_(*backend_.store, clock_),
      database_(
          backend_.prepare, [this] { return backend_.store->Ping(); }, clock_),
      context_{options_,    *backend_.store, *backend_.notifier,
               watch_,      queue_gate_,     queue_positions_,
               file_reads_, clock_,          std::move(environment_json)},
      watchers_(metrics_.MakeGauge("oneshot_api_watchers",
                                   "How many clients wait for a run or stream its events?")),
      queued_(metrics_.MakeGauge("oneshot_api_queued_requests",
                                 "How many requests wait for a worker?")),
      changes_(backend_.listen(
          {.on_notification =
               [this](const std::vector<std::string>& run_ids) { watch_.Changed(run_ids); },
           .on_connected = [this] { watch_.AllChanged(); }})) {}

App::~App() { workers_.Stop(); }

base::Status App::Listen() {
  const admin::AdminSources sources{.program = "oneshot-api",
                                    .readiness = [this] { return Readiness(); },
                                    .liveness = [this] { return Liveness(); },
                                    .metrics = [this] { return RenderMetrics(); }};
  auto listener =
      http::Listener::Start(options_.listener, MakeRouter(context_, sources), workers_, metrics_);
  if (!listener) return listener.error();
  listener_ = *std::move(listener);
  if (options_.admin_address.empty()) return {};
  auto server = admin::AdminServer::Start(options_.admin_address, sources);
  if (!server) {
    listener_->Stop(base::Milliseconds(0));
    return server.error();
  }
  admin_server_ = *std::move(server);
  return {};
}

int App::Run(std::stop_token stop) {
  Log(Level::kInfo, "serving",
      {{"address", options_.listener.address}, {"version", base::Version()}});
  while (base::SleepFor(stop, std::chrono::hours(1))) {
  }

  Log(Level::kInfo, "stopping");
  is_draining_ = true;
  base::SleepFor({}, options_.drain);
  watch_.Stop(options_.stop_grace);
  listener_->Stop(options_.stop_grace);
  Log(Level::kInfo, "stopped");
  return 0;
}

base::Status App::Readiness() const {
  if (is_draining_) return base::Error{base::ErrorCode::kCancelled, "this server is being stopped"};
  return database_.Readiness();
}

base::Status App::Liveness() const {
  // A request makes at most six calls to the database, and a call takes at most two of its
  // timeouts: a database that is away stops nobody for as long as this.
  const base::Milliseconds bound = 12 * options_.database.call_timeout;
  if (workers_.StuckFor() > bound)
    return base::Error{base::ErrorCode::kInternal, "no worker has taken a request for long"};
  if (watch_.StuckFor() > bound)
    return base::Error{base::ErrorCode::kInternal,
                       "waiting clients were not looked after for long"};
  return {};
}

std::string App::RenderMetrics() {
  watchers_.Set(static_cast<double>(watch_.Watchers()));
  queued_.Set(static_cast<double>(workers_.Queued()));
  return metrics_.Render();
}

}  // namespace oneshot::api
