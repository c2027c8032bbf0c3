#include "images/python/runner/display.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "core/base/utf8.h"
#include "core/domain/display.h"
#include "images/python/runner/display_table.h"
#include "images/python/runner/files.h"

namespace oneshot::runner {
namespace {

using base::Error;
using base::ErrorCode;
using protocol::Display;

// So many attempts to show something in vain are answered by looking at what was offered.
constexpr int kMostLookedAt = 100;
constexpr int kLargestSide = 65'535;

Error Refusal(std::string why) { return {ErrorCode::kInvalidArgument, std::move(why)}; }

struct Size {
  int width{0};
  int height{0};
};

std::uint32_t BigEndian(std::string_view bytes) {
  std::uint32_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

/// W3C, Portable Network Graphics, sections 5.2 and 11.2.1: the signature, then the header chunk,
/// and the end chunk last.
std::optional<Size> PngSize(std::string_view png) {
  constexpr std::string_view kBegin("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
  constexpr std::string_view kEnd("\0\0\0\0IEND\xae\x42\x60\x82", 12);
  constexpr std::size_t kHeaderEnd = 33;
  if (png.size() < kHeaderEnd + kEnd.size() || !png.starts_with(kBegin) || !png.ends_with(kEnd))
    return std::nullopt;
  const std::uint32_t width = BigEndian(png.substr(16, 4));
  const std::uint32_t height = BigEndian(png.substr(20, 4));
  if (width == 0 || height == 0 || width > kLargestSide || height > kLargestSide)
    return std::nullopt;
  return Size{static_cast<int>(width), static_cast<int>(height)};
}

/// It is only ever shown as an image, in which nothing runs and nothing is loaded; what is looked
/// at here is that it is one.
bool IsSvg(std::string_view svg) {
  if (svg.find('\0') != std::string_view::npos || !base::IsValidUtf8(svg)) return false;
  svg.remove_prefix(std::min(svg.find_first_not_of(" \t\r\n"), svg.size()));
  return (svg.starts_with("<?xml") || svg.starts_with("<svg")) &&
         svg.find("<svg") != std::string_view::npos;
}

/// One line of text.
std::string CleanAlt(const std::string& given) {
  std::string alt = base::ReplaceInvalidUtf8(given);
  std::ranges::replace_if(
      alt, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  if (alt.size() <= protocol::kMaxAlt) return alt;
  alt.resize(base::ValidUtf8Prefix(std::string_view(alt).substr(0, protocol::kMaxAlt)));
  return alt;
}

std::string Times(Size size) {
  return std::to_string(size.width) + " x " + std::to_string(size.height);
}

base::Status CheckPixels(Size size) {
  if (std::int64_t{size.width} * size.height <= domain::kMaxDisplayPixels) return {};
  return Refusal("it has " + Times(size) + " pixels; the limit is " +
                 std::to_string(domain::kMaxDisplayPixels) + " in all");
}

/// Of `json`, or else `otherwise`.
double NumberOf(const nlohmann::json& json, const char* key, double otherwise) {
  const auto found = json.find(key);
  const bool is_there = found != json.end() && found->is_number();
  return is_there && std::isfinite(found->get<double>()) ? found->get<double>() : otherwise;
}
std::string TextOf(const nlohmann::json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

base::Status CheckPng(Display& display, double scale) {
  const auto size = PngSize(display.data);
  if (!size) return Refusal("it is no PNG image");
  if (auto fits = CheckPixels(*size); !fits) return fits;
  const auto on_page = [scale](int pixels) {
    return std::max(1, static_cast<int>(std::lround(pixels / scale)));
  };
  display.width = on_page(size->width);
  display.height = on_page(size->height);
  return {};
}

base::Status CheckSvg(Display& display, double width, double height) {
  if (!IsSvg(display.data)) return Refusal("it is no SVG image");
  const auto side = [](double pixels) {
    return static_cast<int>(std::lround(std::clamp(pixels, 1.0, double{kLargestSide})));
  };
  display.width = side(width);
  display.height = side(height);
  return CheckPixels({display.width, display.height});
}

/// The content of a memory file. Nothing else is read: a pipe, for one, could hold us up.
base::Result<std::string> ReadContent(const UniqueFd& file) {
  struct stat facts {};
  if (!file || fstat(file.Get(), &facts) != 0 || !S_ISREG(facts.st_mode) ||
      fcntl(file.Get(), F_GET_SEALS) < 0)
    return Refusal("its bytes are not in a memory file");
  if (facts.st_size > domain::kMaxDisplayBytes) {
    return Refusal("it has " + std::to_string(facts.st_size) + " bytes; the limit is " +
                   std::to_string(domain::kMaxDisplayBytes));
  }
  auto content = ReadWhole(file.Get(), static_cast<std::size_t>(facts.st_size));
  if (!content) return Refusal("its bytes cannot be read");
  return *std::move(content);
}

}  // namespace

base::Result<Display> CheckDisplay(std::string_view description, std::string content) {
  const auto json = nlohmann::json::parse(description, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return Refusal("its description is not a JSON object");
  Display display;
  display.mime = TextOf(json, "mime");
  display.alt = CleanAlt(TextOf(json, "alt"));
  display.bytes = std::ssize(content);
  display.data = std::move(content);
  base::Status checked = Refusal("its type is not one that can be shown");
  if (display.mime == domain::kPng) {
    checked =
        CheckPng(display, std::clamp(NumberOf(json, "scale", 1), 1.0, domain::kMaxDisplayScale));
  } else if (display.mime == domain::kSvg) {
    checked = CheckSvg(display, NumberOf(json, "width", 640), NumberOf(json, "height", 480));
  } else if (display.mime == domain::kTable) {
    checked = CheckTable(display.data);
  }
  if (!checked) return checked.error();
  return display;
}

base::Result<Display> Displays::Take(const DisplayOffer& offer) {
  auto display = Admit(offer);
  if (!display) {
    dropped_ = std::min(dropped_ + 1, std::numeric_limits<int>::max() - 1);
    return display;
  }
  display->number = kept_++;
  left_bytes_ -= display->bytes;
  return display;
}

base::Result<Display> Displays::Admit(const DisplayOffer& offer) {
  if (kept_ == domain::kMaxDisplays) {
    return Refusal("a run can show at most " + std::to_string(domain::kMaxDisplays) +
                   " figures and tables");
  }
  if (dropped_ >= kMostLookedAt) return Refusal("too much was refused before");
  auto content = ReadContent(offer.content);
  if (!content) return content.error();
  if (std::ssize(*content) > left_bytes_) {
    return Refusal("it has " + std::to_string(content->size()) +
                   " bytes; of what a run can show, " + std::to_string(left_bytes_) + " are left");
  }
  return CheckDisplay(offer.description, *std::move(content));
}

}  // namespace oneshot::runner
