#include "api/wire/displays.h"

#include <algorithm>
#include <charconv>

#include "api/handlers/handlers.h"
#include "api/handlers/query.h"
#include "api/handlers/respond.h"
#include "api/handlers/run_parts.h"
#include "api/http_errors.h"
#include "api/output_page.h"

namespace oneshot::api {
namespace {

base::Error NoDisplay() { return {base::ErrorCode::kNotFound, "the run shows no such thing"}; }

const domain::Display* Find(const domain::Run& run, const std::string& number) {
  int wanted = 0;
  const char* const end = number.data() + number.size();
  const auto [rest, error] = std::from_chars(number.data(), end, wanted);
  // One address for each: not 01 for 1.
  if (error != std::errc() || rest != end || std::to_string(wanted) != number) return nullptr;
  const auto found = std::ranges::find(run.displays, wanted, &domain::Display::number);
  return found == run.displays.end() ? nullptr : &*found;
}

base::Result<std::string> Read(Context& context, const domain::Run& run,
                               const domain::Display& display) {
  wire::DisplayReader reader(display);
  while (!reader.IsDone()) {
    const auto look = context.store.Look(
        run.id, {.attempt = run.attempt, .seq = reader.next_seq() - 1}, kOutputPageBytes);
    if (!look) return look.error();
    // It started over meanwhile, or its records are not there.
    if (look->attempt != run.attempt || look->output.empty()) return NoDisplay();
    const std::int64_t before = reader.next_seq();
    reader.Take(look->output);
    if (reader.next_seq() == before) return NoDisplay();
  }
  if (!reader.IsWhole()) return NoDisplay();
  return std::move(reader).Finish();
}

/// Whoever opens it: nothing in it is executed, and nothing is taken for another type.
http::Headers HeadersOf(const domain::Run& run, const domain::Display& display) {
  const std::string number = std::to_string(display.number);
  return {{"Content-Type",
           domain::IsDisplayType(display.mime) ? display.mime : "application/octet-stream"},
          {"Content-Disposition", "inline"},
          {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox"},
          {"X-Content-Type-Options", "nosniff"},
          // The same for ever, unless the run starts over: then the number may mean something else.
          {"Cache-Control", "private, no-cache"},
          {"ETag", "\"" + run.id + "-" + std::to_string(run.attempt) + "-" + number + "\""}};
}

}  // namespace

Answer GetDisplay(Context& context, const http::Request& request) {
  const auto id = RunIdOf(request);
  if (!id) return id.error();
  const auto run = context.store.Get(*id);
  if (!run) return run.error();
  return DisplayOf(context, request, *run);
}

Answer DisplayOf(Context& context, const http::Request& request, const domain::Run& run) {
  Query query(request);
  if (auto errors = query.Finish(); !errors.empty())
    return http::ToResponse(InvalidQuery(std::move(errors)), request);
  const domain::Display* const display = Find(run, request.Parameter("number"));
  if (display == nullptr) return http::ToResponse(DisplayNotFound(), request);
  http::Headers headers = HeadersOf(run, *display);
  // One entity tag is all that anybody has of one address (RFC 9110, section 13.1.2).
  if (request.Header("If-None-Match").find(headers["ETag"]) != std::string::npos)
    return http::Response{.status = 304, .headers = std::move(headers)};
  auto bytes = Read(context, run, *display);
  if (!bytes && bytes.error().code == base::ErrorCode::kNotFound)
    return http::ToResponse(DisplayNotFound(), request);
  if (!bytes) return bytes.error();
  return http::Response{.status = 200, .headers = std::move(headers), .body = *std::move(bytes)};
}

}  // namespace oneshot::api
