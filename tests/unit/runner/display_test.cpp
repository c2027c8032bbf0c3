// What of that which a program wants to show is shown; what comes from programs that mean harm is
// not.
#include "images/python/runner/display.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "core/base/utf8.h"
#include "core/domain/display.h"

namespace oneshot::runner {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

std::string BigEndian(std::uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 0xff);
  return bytes;
}

/// As far as the runner looks at it.
std::string Png(std::uint32_t width, std::uint32_t height, std::size_t data = 0) {
  return std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16) + BigEndian(width) + BigEndian(height) +
         "\x08\x06" + std::string(3, '\0') + "crc." + std::string(data, 'x') +
         std::string("\0\0\0\0IEND\xae\x42\x60\x82", 12);
}

constexpr const char* kPngKind = R"({"mime": "image/png"})";
constexpr const char* kSvgKind = R"({"mime": "image/svg+xml", "width": 640, "height": 480})";

UniqueFd MemoryFile(const std::string& content) {
  UniqueFd file(memfd_create("display", 0));
  EXPECT_EQ(write(file.Get(), content.data(), content.size()), std::ssize(content));
  return file;
}

DisplayOffer Offer(const std::string& content, const std::string& description = kPngKind) {
  return {.description = description, .content = MemoryFile(content)};
}

std::string WhyNot(const std::string& description, const std::string& content) {
  const auto display = CheckDisplay(description, content);
  return display ? "shown" : display.error().message;
}

TEST(CheckDisplay, TakesAPngAndItsSizeFromTheImageItself) {
  const auto display = CheckDisplay(
      R"({"mime": "image/png", "alt": "A title", "scale": 2, "width": 1, "height": 1})",
      Png(1280, 960));
  ASSERT_TRUE(display) << display.error().message;
  EXPECT_EQ(display->mime, "image/png");
  EXPECT_EQ(display->width, 640);
  EXPECT_EQ(display->height, 480);
  EXPECT_EQ(display->alt, "A title");
  EXPECT_EQ(display->data, Png(1280, 960));
  EXPECT_EQ(display->bytes, std::ssize(Png(1280, 960)));
}

TEST(CheckDisplay, TakesNoScaleThatWouldMakeAnImageHuge) {
  const auto width_at = [](const std::string& scale) {
    return CheckDisplay(R"({"mime": "image/png", "scale": )" + scale + "}", Png(600, 600))->width;
  };
  EXPECT_EQ(width_at("0"), 600);
  EXPECT_EQ(width_at("0.0001"), 600);
  EXPECT_EQ(width_at("1e308"), 200);
  EXPECT_EQ(width_at("\"2\""), 600);
}

TEST(CheckDisplay, RefusesWhatIsNoPng) {
  for (const std::string& content :
       {std::string(), std::string("\x89PNG\r\n\x1a\n"), std::string("<svg></svg>"),
        std::string("GIF89a"), Png(640, 480).substr(0, 44), Png(640, 480) + "<script>", Png(0, 480),
        Png(640, 0), Png(0xffffffff, 1), Png(1, 0x80000000)}) {
    EXPECT_THAT(WhyNot(kPngKind, content), HasSubstr("no PNG image"));
  }
}

TEST(CheckDisplay, RefusesMorePixelsThanABrowserShouldHold) {
  EXPECT_EQ(WhyNot(kPngKind, Png(4096, 4096)), "shown");
  EXPECT_EQ(WhyNot(kPngKind, Png(16'384, 1024)), "shown");
  EXPECT_EQ(WhyNot(kPngKind, Png(4097, 4096)),
            "it has 4097 x 4096 pixels; the limit is 16777216 in all");
  EXPECT_THAT(WhyNot(R"({"mime": "image/svg+xml", "width": 1e9, "height": 1e9})", "<svg></svg>"),
              HasSubstr("pixels"));
}

TEST(CheckDisplay, TakesAnSvg) {
  const auto display = CheckDisplay(kSvgKind, "<?xml version=\"1.0\"?>\n<svg></svg>");
  ASSERT_TRUE(display) << display.error().message;
  EXPECT_EQ(display->mime, "image/svg+xml");
  EXPECT_EQ(display->width, 640);
  EXPECT_EQ(display->height, 480);
}

TEST(CheckDisplay, RefusesWhatIsNoSvg) {
  for (const std::string& content :
       {std::string(), std::string("<html><svg></svg></html>"), std::string("<?xml?><html>"),
        std::string("<svg>\xff</svg>"), std::string("<svg>\0</svg>", 12), Png(1, 1)}) {
    EXPECT_THAT(WhyNot(kSvgKind, content), HasSubstr("no SVG image"));
  }
}

TEST(CheckDisplay, RefusesEveryOtherType) {
  for (const char* description :
       {"{}", R"({"mime": "text/html"})", R"({"mime": "image/png; charset=x"})",
        R"({"mime": "IMAGE/PNG"})", R"({"mime": 1})", R"({"mime": null})"}) {
    EXPECT_EQ(WhyNot(description, Png(1, 1)), "its type is not one that can be shown");
  }
  for (const char* description : {"", "[]", "image/png", "{\"mime\": \"image/png\"", "\xff"}) {
    EXPECT_EQ(WhyNot(description, Png(1, 1)), "its description is not a JSON object");
  }
}

TEST(CheckDisplay, MakesOneLineOfTheDescription) {
  const auto alt_of = [](const std::string& alt) {
    return CheckDisplay(R"({"mime": "image/png", "alt": )" + alt + "}", Png(1, 1))->alt;
  };
  EXPECT_EQ(alt_of(R"("a\nb\u0000c\u001b[0m\u007f")"), "a b c [0m ");
  EXPECT_EQ(alt_of("7"), "");
  const std::string cut = alt_of("\"" + std::string(999, 'a') + "ää\"");
  EXPECT_EQ(cut, std::string(999, 'a'));
  EXPECT_TRUE(base::IsValidUtf8(cut));
}

// ---- what one run shows

TEST(Displays, NumbersWhatIsShownAndCountsTheRest) {
  Displays displays(1 << 20);
  EXPECT_EQ(displays.Take(Offer(Png(1, 1)))->number, 0);
  EXPECT_FALSE(displays.Take(Offer("no image")));
  EXPECT_EQ(displays.Take(Offer(Png(1, 1)))->number, 1);
  EXPECT_EQ(displays.dropped(), 1);
}

TEST(Displays, EndAtTheirNumber) {
  Displays displays(1 << 20);
  for (int i = 0; i < domain::kMaxDisplays; ++i) ASSERT_TRUE(displays.Take(Offer(Png(1, 1))));
  EXPECT_EQ(displays.Take(Offer(Png(1, 1))).error().message,
            "a run can show at most 20 figures and tables");
}

TEST(Displays, EndAtTheBytesOfOneAndOfAll) {
  const std::size_t frame = Png(1, 1).size();
  Displays displays(3 << 20);
  EXPECT_TRUE(displays.Take(Offer(Png(1, 1, (2 << 20) - frame))));
  EXPECT_EQ(displays.Take(Offer(Png(1, 1, (2 << 20) - frame + 1))).error().message,
            "it has 2097153 bytes; the limit is 2097152");
  EXPECT_EQ(displays.Take(Offer(Png(1, 1, (1 << 20) - frame + 1))).error().message,
            "it has 1048577 bytes; of what a run can show, 1048576 are left");
  EXPECT_TRUE(displays.Take(Offer(Png(1, 1, (1 << 20) - frame)))) << "exactly what is left";
  EXPECT_EQ(displays.dropped(), 2);
}

// Reading any of them could hold the runner up, or read what is not the program's.
TEST(Displays, ReadNothingButMemoryFiles) {
  Displays displays(1 << 20);
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const UniqueFd write_end(pipe_ends[1]);
  DisplayOffer offers[] = {
      {.description = kPngKind, .content = UniqueFd()},
      {.description = kPngKind, .content = UniqueFd(pipe_ends[0])},
      {.description = kPngKind, .content = UniqueFd(open("/dev/zero", O_RDONLY))},
      {.description = kPngKind, .content = UniqueFd(open("/", O_RDONLY))},
      {.description = kPngKind, .content = UniqueFd(open("/proc/self/stat", O_RDONLY))}};
  for (const DisplayOffer& offer : offers)
    EXPECT_EQ(displays.Take(offer).error().message, "its bytes are not in a memory file");
}

TEST(Displays, LookAtNoMoreAfterMuchThatWasRefused) {
  Displays displays(1 << 20);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(displays.Take(Offer("no image")));
  EXPECT_EQ(displays.Take(Offer(Png(1, 1))).error().message, "too much was refused before");
}

TEST(Displays, AHugeFileThatHoldsNothingCostsNothing) {
  Displays displays(1 << 20);
  DisplayOffer offer = Offer("");
  ASSERT_EQ(ftruncate(offer.content.Get(), 1LL << 40), 0);
  EXPECT_THAT(displays.Take(offer).error().message, EndsWith("the limit is 2097152"));
}

}  // namespace
}  // namespace oneshot::runner
