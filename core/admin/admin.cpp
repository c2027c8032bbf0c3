#include "core/admin/admin.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/version.h"

namespace oneshot::admin {
namespace {

using nlohmann::ordered_json;

std::string ToText(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

Page MakePage(std::string type, std::string body) {
  return {.headers = {{"Content-Type", std::move(type)}, {"Cache-Control", "no-store"}},
          .body = std::move(body)};
}

struct Refused {
  const char* title;
  const char* code;
};

Page Refusal(const Refused& what, const base::Error& why) {
  const ordered_json problem{{"type", "about:blank"},
                             {"title", what.title},
                             {"status", 503},
                             {"code", what.code},
                             {"detail", why.message}};
  Page page = MakePage("application/problem+json", ToText(problem));
  page.status = 503;
  page.headers["Retry-After"] = "1";
  return page;
}

}  // namespace

Page PageAt(std::string_view path, const AdminSources& sources) {
  const char* const text = "text/plain; charset=utf-8";
  if (path == "/healthz") {
    const base::Status liveness = sources.liveness ? sources.liveness() : base::Status();
    if (liveness) return MakePage(text, "ok\n");
    return Refusal({.title = "The program makes no progress", .code = "no_progress"},
                   liveness.error());
  }
  if (path == "/metrics")
    return MakePage("text/plain; version=0.0.4; charset=utf-8", sources.metrics());
  if (path == "/version") {
    const ordered_json json{
        {"program", sources.program}, {"version", base::Version()}, {"api", "v1"}};
    return MakePage("application/json", ToText(json) + "\n");
  }
  const base::Status readiness = sources.readiness();
  if (readiness) return MakePage(text, "ready\n");
  return Refusal({.title = "The program is not ready", .code = "not_ready"}, readiness.error());
}

}  // namespace oneshot::admin
