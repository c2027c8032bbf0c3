#include "api/wire/displays.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "api/handlers/handlers.h"
#include "api/handlers/query.h"
#include "api/handlers/respond.h"
#include "api/handlers/run_parts.h"
#include "api/http_errors.h"
#include "api/output_page.h"

namespace oneshot::api {
namespace {

base::Error NoDisplay() { return {base::ErrorCode::kNotFound, "the run has no such thing"}; }

/// What a program shows, or a file that came back from it.
enum class Kind { kShown, kFile };

const domain::Display* Find(const domain::Run& run, Kind kind, const std::string& number) {
  int wanted = 0;
  const char* const end = number.data() + number.size();
  const auto [rest, error] = std::from_chars(number.data(), end, wanted);
  // One address for each: not 01 for 1.
  if (error != std::errc() || rest != end || std::to_string(wanted) != number) return nullptr;
  const auto found = std::ranges::find_if(run.displays, [&](const domain::Display& display) {
    return display.number == wanted && domain::IsOutputFile(display) == (kind == Kind::kFile);
  });
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

/// RFC 6266 and RFC 8187: the name in ASCII for those who know no better, and as it is.
std::string AttachmentNamed(std::string_view name) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr const char* kHex = "0123456789ABCDEF";
  std::string ascii;
  std::string encoded;
  for (const char c : name) {
    if (kPlain.find(c) != kPlain.npos) {
      ascii += c;
      encoded += c;
    } else {
      ascii += '_';
      const auto byte = static_cast<unsigned char>(c);
      encoded += {'%', kHex[byte >> 4], kHex[byte & 0xF]};
    }
  }
  return "attachment; filename=\"" + ascii + "\"; filename*=UTF-8''" + encoded;
}

std::string DispositionOf(const domain::Display& display) {
  if (!domain::IsOutputFile(display)) return "inline";
  return AttachmentNamed(std::string_view(display.alt).substr(display.alt.rfind('/') + 1));
}

/// Whoever opens it: nothing in it is executed, and nothing is taken for another type.
http::Headers HeadersOf(const domain::Run& run, const domain::Display& display) {
  const bool is_file = domain::IsOutputFile(display);
  const std::string name = (is_file ? "file-" : "") + std::to_string(display.number);
  return {{"Content-Type",
           domain::IsDisplayType(display.mime) ? display.mime : std::string(domain::kOutputFile)},
          {"Content-Disposition", DispositionOf(display)},
          {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox"},
          {"X-Content-Type-Options", "nosniff"},
          // The same for ever, unless the run starts over: then the number may mean something else.
          {"Cache-Control", "private, no-cache"},
          {"ETag", "\"" + run.id + "-" + std::to_string(run.attempt) + "-" + name + "\""}};
}

Answer Send(Context& context, const http::Request& request, const domain::Run& run, Kind kind) {
  Query query(request);
  if (auto errors = query.Finish(); !errors.empty())
    return http::ToResponse(InvalidQuery(std::move(errors)), request);
  const http::Problem not_found = kind == Kind::kFile ? OutputFileNotFound() : DisplayNotFound();
  const domain::Display* const display = Find(run, kind, request.Parameter("number"));
  if (display == nullptr) return http::ToResponse(not_found, request);
  http::Headers headers = HeadersOf(run, *display);
  // One entity tag is all that anybody has of one address (RFC 9110, section 13.1.2).
  if (request.Header("If-None-Match").find(headers["ETag"]) != std::string::npos)
    return http::Response{.status = 304, .headers = std::move(headers)};
  std::optional<FileRead> read;
  if (kind == Kind::kFile && !read.emplace(context).is_allowed())
    return http::ToResponse(TooManyFileReads(), request);
  auto bytes = Read(context, run, *display);
  if (!bytes && bytes.error().code == base::ErrorCode::kNotFound)
    return http::ToResponse(not_found, request);
  if (!bytes) return bytes.error();
  return http::Response{.status = 200, .headers = std::move(headers), .body = *std::move(bytes)};
}

Answer Get(Context& context, const http::Request& request, Kind kind) {
  const auto id = RunIdOf(request);
  if (!id) return id.error();
  const auto run = context.store.Get(*id);
  if (!run) return run.error();
  return Send(context, request, *run, kind);
}

}  // namespace

Answer GetDisplay(Context& context, const http::Request& request) {
  return Get(context, request, Kind::kShown);
}

Answer GetOutputFile(Context& context, const http::Request& request) {
  return Get(context, request, Kind::kFile);
}

Answer DisplayOf(Context& context, const http::Request& request, const domain::Run& run) {
  return Send(context, request, run, Kind::kShown);
}

Answer OutputFileOf(Context& context, const http::Request& request, const domain::Run& run) {
  return Send(context, request, run, Kind::kFile);
}

}  // namespace oneshot::api
