#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace oneshot::domain {

// Bounds of what a program shows; in all, LimitPolicy::display_bytes.
inline constexpr int kMaxDisplays = 20;
inline constexpr std::int64_t kMaxDisplayBytes = 2LL << 20;
/// Of an image, as many as of a square of 4096: a browser holds four bytes for each.
inline constexpr std::int64_t kMaxDisplayPixels = 4096LL * 4096;

inline constexpr std::string_view kPng = "image/png";
inline constexpr std::string_view kSvg = "image/svg+xml";
/// Its schema is in docs/api.md.
inline constexpr std::string_view kTable = "application/vnd.oneshot.table+json";

/// What may be shown. Nothing else is ever sent to a browser.
inline constexpr std::array<std::string_view, 3> kDisplayTypes{kPng, kSvg, kTable};

inline bool IsDisplayType(std::string_view mime) {
  return std::ranges::find(kDisplayTypes, mime) != kDisplayTypes.end();
}

/// The type of a file that comes back from a program, whatever is in it.
inline constexpr std::string_view kOutputFile = "application/octet-stream";
// Bounds of such files; in all, LimitPolicy::output_file_bytes.
inline constexpr int kMaxOutputFiles = 100;
/// How many patterns may ask for them.
inline constexpr int kMaxOutputPatterns = 20;

/// How many pixels of a figure may make one of a page.
inline constexpr double kMaxDisplayScale = 3;

/// Something that a program shows, or a file that comes back from it, without its bytes.
struct Display {
  /// From 0 in each attempt, without gaps; files are numbered by themselves.
  int number{0};
  /// One of kDisplayTypes, or kOutputFile.
  std::string mime;
  /// Of an image, in pixels of a page; else 0.
  int width{0};
  int height{0};
  /// What is to be seen, for those who cannot see it; of a file its path.
  std::string alt;
  std::int64_t bytes{0};
  /// Its bytes are in the records `first_seq` to `last_seq`.
  std::int64_t first_seq{0};
  std::int64_t last_seq{0};

  bool operator==(const Display&) const = default;
};

inline bool IsOutputFile(const Display& display) { return display.mime == kOutputFile; }

}  // namespace oneshot::domain
