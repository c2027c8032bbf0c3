#include "api/http/listener.h"

#include <arpa/inet.h>
#include <cpprest/http_listener.h>
#include <pplx/threadpool.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <future>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "api/http/cpprest_adapters.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/telemetry/log.h"

namespace oneshot::api::http {
namespace {

using telemetry::Level;
using telemetry::Log;

std::string NewRequestId() {
  std::string id;
  for (const unsigned char byte : base::RandomBytes(8)) {
    id += "0123456789abcdef"[byte >> 4];
    id += "0123456789abcdef"[byte & 15];
  }
  return id;
}

bool IsRequestId(const std::string& id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '.' || c == '_' || c == '-';
  });
}

/// Counts by route, so that a path made up by a client makes no new series.
class RouteMetrics {
 public:
  RouteMetrics(telemetry::Metrics& metrics, const std::string& method, const std::string& pattern)
      : seconds_(metrics.MakeHistogram("oneshot_http_request_seconds",
                                       "How long did answers take, by route?",
                                       {{"route", pattern}, {"method", method}})) {
    for (const char* code : {"1xx", "2xx", "3xx", "4xx", "5xx"}) {
      answers_.push_back(metrics.MakeCounter(
          "oneshot_http_requests_total", "How many requests, by route and outcome?",
          {{"route", pattern}, {"method", method}, {"code", code}}));
    }
  }
  void Count(int status, base::MonotonicTime started) {
    answers_[static_cast<std::size_t>(std::clamp(status / 100, 1, 5) - 1)].Add();
    seconds_.ObserveSeconds(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
  }

 private:
  telemetry::Histogram seconds_;
  std::vector<telemetry::Counter> answers_;
};

// What a large body costs while it is dealt with, for each of its bytes: it is held by the server
// library, by us, as values that are read from it, and by the database's client.
constexpr std::size_t kBodyCost = 4;

struct Call;

/// What requests share; alive as long as any of them.
struct Server : std::enable_shared_from_this<Server> {
  Server(const ListenerOptions& listener_options, Router request_router, WorkerPool& worker_pool,
         telemetry::Metrics& metrics)
      : options(listener_options),
        router(std::move(request_router)),
        workers(worker_pool),
        active_gauge(metrics.MakeGauge("oneshot_http_active_requests",
                                       "How many requests are being answered?")),
        streams_gauge(metrics.MakeGauge("oneshot_http_streams", "How many streams are open?")),
        overloads(metrics.MakeCounter("oneshot_http_overloads_total",
                                      "How many requests found the queue full?")) {
    for (const Route& route : router.routes())
      route_metrics.emplace_back(metrics, route.method, route.pattern);
    route_metrics.emplace_back(metrics, "any", "none");
  }

  const ListenerOptions options;
  const Router router;
  WorkerPool& workers;
  std::vector<RouteMetrics> route_metrics;  // one for each route, then one for no route
  telemetry::Gauge active_gauge;
  telemetry::Gauge streams_gauge;
  telemetry::Counter overloads;
  std::atomic<bool> stopping{false};
  // Of large requests and answers on their way.
  std::atomic<std::size_t> held_bytes{0};

  std::mutex mutex;
  std::condition_variable changed;
  int active{0};                                    // guarded by mutex
  std::set<std::shared_ptr<BufferStream>> streams;  // guarded by mutex

  void Begin() {
    const std::lock_guard lock(mutex);
    active_gauge.Set(++active);
  }
  void End() {
    const std::lock_guard lock(mutex);
    active_gauge.Set(--active);
    changed.notify_all();
  }
  bool Add(const std::shared_ptr<BufferStream>& stream) {
    const std::lock_guard lock(mutex);
    if (stopping || streams.size() >= options.max_streams) return false;
    streams.insert(stream);
    streams_gauge.Set(static_cast<double>(streams.size()));
    return true;
  }
  void Remove(const std::shared_ptr<BufferStream>& stream) {
    stream->Close();
    const std::lock_guard lock(mutex);
    streams.erase(stream);
    streams_gauge.Set(static_cast<double>(streams.size()));
    changed.notify_all();
  }

  void Handle(const web::http::http_request& message);
  void Dispatch(const std::shared_ptr<Call>& call);
};

/// A request on its way to its handler.
struct Call {
  Request request;
  Router::Match match;
  Responder responder;
  std::shared_ptr<Server> server;
  std::size_t held_bytes{0};

  Call(Request its_request, Router::Match its_match, Responder its_responder,
       std::shared_ptr<Server> its_server)
      : request(std::move(its_request)),
        match(std::move(its_match)),
        responder(std::move(its_responder)),
        server(std::move(its_server)) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() { server->held_bytes -= held_bytes; }
};

/// At most how long the body is; chunks do not tell.
std::size_t MostBodyBytes(const Request& request, std::size_t limit) {
  const std::string length = request.Header("Content-Length");
  std::size_t bytes = limit;
  std::from_chars(length.data(), length.data() + length.size(), bytes);
  return std::min(bytes, limit);
}

class ListenerExchange final : public Exchange {
 public:
  ListenerExchange(std::shared_ptr<Server> server, web::http::http_request message,
                   std::string request_id, std::size_t route)
      : server_(std::move(server)),
        message_(std::move(message)),
        id_(std::move(request_id)),
        route_(route) {
    server_->Begin();
  }

  void Reply(Response response) override {
    if (std::exchange(answered_, true)) return;
    web::http::http_response out = Head(response);
    if (message_.method() == web::http::methods::HEAD)
      response.body.clear();  // it would be sent all the same
    const std::string type =
        response.headers.try_emplace("Content-Type", "text/plain").first->second;
    // As JSON it has grown by doubling.
    if (response.body.size() > kSmallBody) response.body.shrink_to_fit();
    const std::size_t held = response.body.size();
    server_->held_bytes += held;
    if (response.status != 204 && response.status != 304)
      out.set_body(std::move(response.body), type);
    server_->route_metrics[route_].Count(response.status, started_);
    Log(Level::kDebug, "request answered",
        {{"request_id", id_},
         {"method", message_.method()},
         {"path", message_.request_uri().path()},
         {"status", response.status},
         {"ms", base::MillisecondsBetween(started_, std::chrono::steady_clock::now())}});
    Conclude(message_.reply(out), [server = server_, held] {
      server->held_bytes -= held;
      server->End();
    });
  }

  bool HasRoomFor(std::size_t size) const override {
    return server_->held_bytes + size <= server_->options.max_held_bytes;
  }

  std::shared_ptr<Stream> Open(Response response) override {
    if (message_.method() == web::http::methods::HEAD) {
      Reply(std::move(response));
      return nullptr;
    }
    const auto stream = std::make_shared<BufferStream>();
    if (!server_->Add(stream)) return nullptr;
    answered_ = true;
    web::http::http_response out = Head(response);
    out.set_body(stream->buffer().create_istream(), response.headers["Content-Type"]);
    server_->route_metrics[route_].Count(response.status, started_);
    Conclude(message_.reply(out), [server = server_, stream] { server->Remove(stream); });
    server_->End();
    return stream;
  }

 private:
  web::http::http_response Head(const Response& response) {
    web::http::http_response out(static_cast<web::http::status_code>(response.status));
    for (const auto& [name, value] : response.headers) {
      // A line break in a value would begin another header.
      if (name != "Content-Type" && IsHeaderValue(value)) out.headers().add(name, value);
    }
    out.headers().add("X-Request-Id", id_);
    if (response.closes_connection) out.headers().add("Connection", "close");
    return out;
  }

  const std::shared_ptr<Server> server_;
  web::http::http_request message_;
  const std::string id_;
  const std::size_t route_;
  const base::MonotonicTime started_{std::chrono::steady_clock::now()};
  bool answered_{false};
};

Problem Overloaded() {
  return {503, "overloaded", "Too many requests",
          "The request was not processed. Send it again later.", /*retry_after_seconds=*/1};
}

bool HasBody(const Request& request) {
  const std::string length = request.Header("Content-Length");
  return request.headers.contains("Transfer-Encoding") || (!length.empty() && length != "0");
}

void Run(const std::shared_ptr<Call>& call) {
  const Route& route = *call->match.route;
  try {
    route.handler(call->request, std::move(call->responder));
  } catch (const std::exception& error) {  // the responder, gone with the stack, has answered 500
    Log(Level::kError, "a handler failed",
        {{"request_id", call->request.id}, {"route", route.pattern}, {"error", error.what()}});
  }
}

void Server::Handle(const web::http::http_request& message) {
  Request request;
  request.method = message.method();
  request.target = message.request_uri().path();
  request.query = message.request_uri().query();
  for (const auto& [name, value] : message.headers()) request.headers[name] = value;
  const std::string sent_id = request.Header("X-Request-Id");
  request.id = IsRequestId(sent_id) ? sent_id : NewRequestId();

  Router::Match match = router.Find(request.method, request.target);
  request.parameters = std::move(match.parameters);
  Responder responder(
      std::make_unique<ListenerExchange>(shared_from_this(), message, request.id, match.index),
      request);
  const auto call = std::make_shared<Call>(std::move(request), std::move(match),
                                           std::move(responder), shared_from_this());
  if (!HasBody(call->request)) return Dispatch(call);
  if (const std::size_t bytes = MostBodyBytes(call->request, options.max_body_bytes);
      bytes > kSmallBody) {
    call->held_bytes = bytes * kBodyCost;
    if ((held_bytes += call->held_bytes) > options.max_held_bytes) {
      overloads.Add();
      Problem problem = Overloaded();
      problem.closes_connection = true;  // with the body unread
      return std::move(call->responder).Send(problem);
    }
  }
  const auto done = [self = shared_from_this(), call](const Problem* problem, std::string body) {
    if (problem) return std::move(call->responder).Send(*problem);
    call->request.body = std::move(body);
    self->Dispatch(call);
  };
  std::make_shared<BodyReader>(message, options.max_body_bytes, done)->Next();
}

void Server::Dispatch(const std::shared_ptr<Call>& call) {
  Responder& responder = call->responder;
  if (!call->match.route)
    return std::move(responder).Send(AnswerWithoutRoute(call->match, call->request));
  if (call->match.route->runs_on == RunsOn::kServerThread) return Run(call);
  if (stopping) return std::move(responder).Send(ShuttingDown());
  if (workers.TryPost([self = shared_from_this(), call] { Run(call); })) return;
  overloads.Add();
  std::move(responder).Send(Overloaded());
}

bool IsLoopback(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  in_addr host{};
  if (colon == std::string::npos ||
      inet_pton(AF_INET, address.substr(0, colon).c_str(), &host) != 1)
    return false;
  std::uint16_t port = 0;
  const char* const end = address.data() + address.size();
  const auto [rest, error] = std::from_chars(address.data() + colon + 1, end, port);
  return error == std::errc() && rest == end && (ntohl(host.s_addr) >> 24) == 127;
}

class CpprestListener final : public Listener {
 public:
  CpprestListener(const std::string& address, std::shared_ptr<Server> server)
      : server_(std::move(server)), listener_(web::uri("http://" + address + "/")) {
    const auto handle = [shared = server_](const web::http::http_request& message) {
      try {
        shared->Handle(message);
      } catch (const std::exception& error) {
        Log(Level::kError, "a request could not be handled", {{"error", error.what()}});
      }
    };
    listener_.support(handle);
    // Left alone, cpprestsdk answers these two itself: TRACE with the request's headers, OPTIONS
    // with an empty Allow.
    listener_.support(web::http::methods::TRCE, handle);
    listener_.support(web::http::methods::OPTIONS, handle);
    listener_.open().wait();
  }

  void Stop(std::chrono::milliseconds grace) override {
    const auto deadline = std::chrono::steady_clock::now() + grace;
    server_->stopping = true;
    std::set<std::shared_ptr<BufferStream>> streams;
    {
      std::unique_lock lock(server_->mutex);
      server_->changed.wait_until(lock, deadline, [this] { return server_->active == 0; });
      streams = server_->streams;
    }
    for (const auto& stream : streams) stream->Abort();
    streams.clear();
    {
      std::unique_lock lock(server_->mutex);
      server_->changed.wait_until(lock, deadline, [this] { return server_->streams.empty(); });
    }
    const auto closed = std::make_shared<std::promise<void>>();
    Conclude(listener_.close(), [closed] { closed->set_value(); });
    if (closed->get_future().wait_for(std::chrono::seconds(3)) != std::future_status::ready) {
      Log(Level::kError, "the HTTP listener did not close; ending the process");
      std::_Exit(EXIT_FAILURE);
    }
  }

 private:
  const std::shared_ptr<Server> server_;
  web::http::experimental::listener::http_listener listener_;
};

}  // namespace

base::Result<std::unique_ptr<Listener>> Listener::Start(const ListenerOptions& options,
                                                        Router router, WorkerPool& workers,
                                                        telemetry::Metrics& metrics) {
  if (!IsLoopback(options.address)) {
    return base::Error{
        base::ErrorCode::kInvalidArgument,
        "the listener needs a literal loopback address and a port, not " + options.address};
  }
  try {
    // Before anything else touches cpprestsdk: its own choice is 40 threads.
    static std::once_flag once;
    std::call_once(once, [&] {
      crossplat::threadpool::initialize_with_threads(
          static_cast<std::size_t>(options.server_threads));
    });
    auto server = std::make_shared<Server>(options, std::move(router), workers, metrics);
    return std::unique_ptr<Listener>(
        std::make_unique<CpprestListener>(options.address, std::move(server)));
  } catch (const std::exception& error) {
    return base::Error{base::ErrorCode::kUnavailable,
                       "cannot listen on " + options.address + ": " + error.what()};
  }
}

}  // namespace oneshot::api::http
