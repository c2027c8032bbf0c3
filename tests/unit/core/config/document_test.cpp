#include "core/config/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oneshot::config {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

Document Read(const std::string& text) {
  auto document = Document::Parse(text, "config.yaml");
  if (!document) ADD_FAILURE() << document.error().message;
  return *std::move(document);
}

/// What a read makes of a default.
std::int64_t Integer(Document& document, const std::string& path, std::int64_t value,
                     std::int64_t minimum, std::int64_t maximum) {
  document.Integer(path, value, minimum, maximum);
  return value;
}
std::string String(Document& document, const std::string& path, std::string value) {
  document.String(path, value);
  return value;
}
milliseconds Duration(Document& document, const std::string& path, milliseconds value,
                      milliseconds minimum, milliseconds maximum) {
  document.Duration(path, value, minimum, maximum);
  return value;
}
std::int64_t Bytes(Document& document, const std::string& path, std::int64_t value,
                   std::int64_t minimum, std::int64_t maximum) {
  document.Bytes(path, value, minimum, maximum);
  return value;
}
double Number(Document& document, const std::string& path, double value, double minimum,
              double maximum) {
  document.Number(path, value, minimum, maximum);
  return value;
}
std::vector<std::string> StringList(Document& document, const std::string& path,
                                    std::vector<std::string> value) {
  document.StringList(path, value);
  return value;
}

std::string FaultsOf(Document& document) {
  const base::Status status = document.Finish();
  return status ? "" : status.error().message;
}

TEST(Document, ReadsEveryType) {
  Document document = Read(R"(
api: {threads: 4, rate: 1.5, listen: "127.0.0.1:8081"}
times: {short: 250ms, long: 1.5s, days: 30d}
sizes: {plain: 4096, mebi: 2MiB}
names: [a, b]
)");
  EXPECT_EQ(Integer(document, "api.threads", 1, 1, 64), 4);
  EXPECT_EQ(Number(document, "api.rate", 1, 0, 10), 1.5);
  EXPECT_EQ(String(document, "api.listen", ""), "127.0.0.1:8081");
  const auto duration = [&](const char* path) {
    return Duration(document, path, milliseconds(0), milliseconds(0), std::chrono::hours(24 * 365));
  };
  EXPECT_EQ(duration("times.short"), milliseconds(250));
  EXPECT_EQ(duration("times.long"), milliseconds(1500));
  EXPECT_EQ(duration("times.days"), std::chrono::hours(24 * 30));
  EXPECT_EQ(Bytes(document, "sizes.plain", 0, 0, 1 << 30), 4096);
  EXPECT_EQ(Bytes(document, "sizes.mebi", 0, 0, 1 << 30), 2 << 20);
  EXPECT_EQ(StringList(document, "names", {}), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(FaultsOf(document), "");
}

TEST(Document, AbsentAndEmptyMeanTheDefault) {
  Document document = Read("api:\n  # nothing yet\nlog: {level: }\n");
  EXPECT_EQ(Integer(document, "api.threads", 7, 1, 64), 7);
  EXPECT_EQ(String(document, "log.level", "info"), "info");
  EXPECT_EQ(FaultsOf(document), "");
}

TEST(Document, AnEmptyFileIsAllDefaults) {
  Document document = Read("");
  EXPECT_EQ(Integer(document, "api.threads", 7, 1, 64), 7);
  EXPECT_EQ(FaultsOf(document), "");
}

TEST(Document, ReportsEveryFaultWithPathAndLine) {
  Document document = Read(R"(api:
  threads: many
  workers: 1000
  typo: 1
limits: 5
times: {wait: 10}
api_: {x: 1}
)");
  EXPECT_EQ(Integer(document, "api.threads", 4, 1, 64), 4);
  Integer(document, "api.workers", 4, 1, 64);
  Integer(document, "limits.args", 4, 1, 64);
  Duration(document, "times.wait", milliseconds(1), milliseconds(0), milliseconds(5));
  const std::string faults = FaultsOf(document);
  EXPECT_THAT(faults, HasSubstr("config.yaml: 6 faults"));
  EXPECT_THAT(faults, HasSubstr("api.threads (line 2): must be a whole number"));
  EXPECT_THAT(faults, HasSubstr("api.workers (line 3): must be between 1 and 64"));
  EXPECT_THAT(faults, HasSubstr("api.typo (line 4): unknown key"));
  EXPECT_THAT(faults, HasSubstr("limits (line 5): must be a section"));
  EXPECT_THAT(faults, HasSubstr("times.wait (line 6): must be a duration"));
  EXPECT_THAT(faults, HasSubstr("api_.x (line 7): unknown key"));
}

TEST(Document, RemembersWhatWasReadInTheLargestUnits) {
  Document document = Read("");
  Bytes(document, "a.bytes", 262'144, 0, 3 << 20);
  Duration(document, "a.duration", milliseconds(90'000), milliseconds(250), std::chrono::hours(24));
  Number(document, "a.number", 1.5, 0.1, 86'400);
  String(document, "a.text", "");
  StringList(document, "a.list", {"b", "c"});
  const auto shown = [&](const std::string& path) {
    const Document::Key& key = document.keys().at(path);
    return key.fallback + ", " + key.minimum + " to " + key.maximum;
  };
  EXPECT_EQ(shown("a.bytes"), "256KiB, 0 to 3MiB");
  EXPECT_EQ(shown("a.duration"), "90s, 250ms to 1d");
  EXPECT_EQ(shown("a.number"), "1.5, 0.1 to 86400");
  EXPECT_EQ(shown("a.text"), "nothing,  to ");
  EXPECT_EQ(shown("a.list"), "[b, c],  to ");
}

TEST(Document, LeavesForeignSectionsAlone) {
  Document document = Read("controller: {leader: {ttl: 15s}}\n");
  document.LeaveTo({"controller"});
  EXPECT_EQ(FaultsOf(document), "");
}

TEST(Document, RefusesKeysGivenTwice) {
  Document document = Read("api: {threads: 4, threads: 5}\n");
  EXPECT_EQ(Integer(document, "api.threads", 1, 1, 64), 4);
  EXPECT_THAT(FaultsOf(document), HasSubstr("api.threads (line 1): given twice"));
}

class Refused : public testing::TestWithParam<const char*> {};

TEST_P(Refused, IsAnErrorAndNotACrash) {
  const auto document = Document::Parse(GetParam(), "config.yaml");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, base::ErrorCode::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(Texts, Refused,
                         testing::Values("a: &x [1]\nb: *x\n", "a: [1", "- a\n- b\n", "just text",
                                         "a: {a: {a: {a: {a: {a: {a: {a: {a: 1}}}}}}}}",
                                         "a: 1\n---\nb: 2\n", "a: }", "\tb: 1"));

TEST(Document, RefusesLargeFilesAndSaysWhichFileIsMissing) {
  EXPECT_FALSE(Document::Parse("# " + std::string(1 << 20, 'x'), "config.yaml"));
  const auto missing = Document::Load("/nowhere/config.yaml");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, base::ErrorCode::kNotFound);
  EXPECT_THAT(missing.error().message, HasSubstr("/nowhere/config.yaml"));
}

}  // namespace
}  // namespace oneshot::config
