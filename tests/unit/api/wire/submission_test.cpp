#include "api/wire/submission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace oneshot::api::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::StartsWith;
using testing::UnorderedElementsAre;

Submission Decode(std::string_view body) { return DecodeSubmission(body, domain::LimitPolicy{}); }

std::vector<std::pair<std::string, std::string>> FaultsOf(std::string_view body) {
  std::vector<std::pair<std::string, std::string>> faults;
  const Submission submission = Decode(body);
  EXPECT_EQ(submission.malformed, "");
  for (const domain::Fault& fault : submission.faults)
    faults.emplace_back(fault.pointer, fault.code);
  return faults;
}

TEST(Submission, TheSourceAloneIsEnough) {
  const Submission submission = Decode(R"({"source": "x = 1"})");
  ASSERT_THAT(submission.faults, IsEmpty());
  EXPECT_EQ(submission.spec.source, "x = 1");
  EXPECT_EQ(submission.spec.limits, domain::LimitPolicy{}.defaults);
}

TEST(Submission, EverythingIsRead) {
  const Submission submission = Decode(R"({"source": "x", "stdin": "in", "args": ["a", ""],
    "limits": {"wall_seconds": 1.5, "cpu_seconds": 2, "memory_mib": 128.0, "output_bytes": 2048, "scratch_mib": 64}})");
  ASSERT_THAT(submission.faults, IsEmpty());
  EXPECT_EQ(submission.spec.stdin_data, "in");
  EXPECT_THAT(submission.spec.args, ElementsAre("a", ""));
  const domain::Limits expected{
      .wall_ms = 1500, .cpu_ms = 2000, .memory_mib = 128, .output_bytes = 2048, .scratch_mib = 64};
  EXPECT_EQ(submission.spec.limits, expected);
}

TEST(Submission, FilesAreTextOrBytes) {
  const Submission submission = Decode(R"({"files": [
    {"path": "a.csv", "content": "a\u0000é"}, {"content_b64": "/wA=", "path": "b/c.bin"}, {"path": "d", "content": ""}],
    "source": "x", "args": ["a"]})");
  ASSERT_THAT(submission.faults, IsEmpty());
  const std::vector<domain::File> expected{
      {"a.csv", std::string("a\0é", 4)}, {"b/c.bin", std::string("\xff\0", 2)}, {"d", ""}};
  EXPECT_EQ(submission.spec.files, expected);
  EXPECT_THAT(submission.spec.args, ElementsAre("a"));
  EXPECT_THAT(Decode(R"({"source": "x", "files": []})").faults, IsEmpty());
}

TEST(Submission, OutputsArePatterns) {
  const Submission submission =
      Decode(R"({"source": "x", "outputs": ["*.csv", "a/**"], "limits": {"scratch_mib": 8}})");
  ASSERT_THAT(submission.faults, IsEmpty());
  EXPECT_THAT(submission.spec.outputs, ElementsAre("*.csv", "a/**"));
  EXPECT_THAT(Decode(R"({"source": "x", "outputs": null})").faults, IsEmpty());
  std::string many;
  for (int i = 0; i < 300; ++i) many += i > 0 ? R"(,"*")" : R"("*")";
  const Submission refused =
      Decode(R"({"source": "x", "limits": {"scratch_mib": 8}, "outputs": [)" + many + "]}");
  EXPECT_EQ(refused.spec.outputs.size(), 21U);
  ASSERT_EQ(refused.faults.size(), 1U);
  EXPECT_EQ(refused.faults[0].detail, "must have at most 20 elements");
}

TEST(Submission, FilesBeyondTheFirstOneTooManyAreNotRead) {
  std::string files;
  for (int i = 0; i < 300; ++i)
    files += (i > 0 ? "," : "") + (R"({"path": "f)" + std::to_string(i) + R"(", "content": ""})");
  const Submission submission = Decode(R"({"source": "x", "files": [)" + files + "]}");
  EXPECT_EQ(submission.spec.files.size(), 101U);
  ASSERT_EQ(submission.faults.size(), 1U);
  EXPECT_EQ(submission.faults[0].detail, "must have at most 100 elements");
}

TEST(Submission, NullIsAsGoodAsAbsentButForTheSource) {
  EXPECT_THAT(FaultsOf(R"({"source": "x", "stdin": null, "args": null, "limits": null})"),
              IsEmpty());
  EXPECT_THAT(FaultsOf(R"({"source": "x", "limits": {"wall_seconds": null, "scratch_mib": null}})"),
              IsEmpty());
  EXPECT_THAT(FaultsOf(R"({"source": null})"), ElementsAre(Pair("/source", "required")));
}

TEST(Submission, MoreWallTimeIsAlsoMoreCpuTimeUnlessSaidOtherwise) {
  EXPECT_EQ(Decode(R"({"source": "x", "limits": {"wall_seconds": 30}})").spec.limits.cpu_ms,
            30'000);
  EXPECT_EQ(Decode(R"({"source": "x", "limits": {"wall_seconds": 2}})").spec.limits.cpu_ms, 10'000);
  EXPECT_EQ(Decode(R"({"source": "x", "limits": {"wall_seconds": 30, "cpu_seconds": 5}})")
                .spec.limits.cpu_ms,
            5'000);
}

TEST(Submission, ListsEveryFault) {
  EXPECT_THAT(FaultsOf(R"({"source": 1, "stdin": 2, "args": ["a", 3], "sorce": "",
                           "limits": {"wall_seconds": 0, "what": 1, "a/b~": 1, "scratch_mib": "1"}})"),
              UnorderedElementsAre(Pair("/source", "wrong_type"), Pair("/stdin", "wrong_type"),
                                   Pair("/args/1", "wrong_type"), Pair("/sorce", "unknown_field"),
                                   Pair("/limits/wall_seconds", "out_of_range"),
                                   Pair("/limits/what", "unknown_field"),
                                   Pair("/limits/a~1b~0", "unknown_field"),
                                   Pair("/limits/scratch_mib", "wrong_type")));
}

struct Case {
  const char* body;
  const char* pointer;
  const char* code;
};

class OneFault : public testing::TestWithParam<Case> {};

TEST_P(OneFault, IsNamed) {
  EXPECT_THAT(FaultsOf(GetParam().body), ElementsAre(Pair(GetParam().pointer, GetParam().code)));
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, OneFault,
    testing::Values(
        Case{"{}", "/source", "required"}, Case{"[]", "", "wrong_type"},
        Case{"null", "", "wrong_type"},
        Case{R"({"source": "a\u0000b"})", "/source", "invalid_characters"},
        Case{R"({"source": "", "stdin": "\u0000"})", "/stdin", "invalid_characters"},
        Case{R"({"source": "", "args": ["a", "\u0000"]})", "/args/1", "invalid_characters"},
        Case{R"({"source": "", "args": "a"})", "/args", "wrong_type"},
        Case{R"({"source": "", "limits": []})", "/limits", "wrong_type"},
        Case{R"({"source": "", "limits": {"wall_seconds": "1"}})", "/limits/wall_seconds",
             "wrong_type"},
        Case{R"({"source": "", "limits": {"wall_seconds": 60.001}})", "/limits/wall_seconds",
             "out_of_range"},
        Case{R"({"source": "", "limits": {"cpu_seconds": -1}})", "/limits/cpu_seconds",
             "out_of_range"},
        Case{R"({"source": "", "limits": {"cpu_seconds": 1e300}})", "/limits/cpu_seconds",
             "out_of_range"},
        Case{R"({"source": "", "limits": {"memory_mib": 1.5}})", "/limits/memory_mib",
             "wrong_type"},
        Case{R"({"source": "", "limits": {"memory_mib": true}})", "/limits/memory_mib",
             "wrong_type"},
        Case{R"({"source": "", "limits": {"memory_mib": 1e30}})", "/limits/memory_mib",
             "out_of_range"},
        Case{R"({"source": "", "limits": {"memory_mib": 18446744073709551615}})",
             "/limits/memory_mib", "out_of_range"},
        Case{R"({"source": "", "limits": {"output_bytes": -9223372036854775808}})",
             "/limits/output_bytes", "out_of_range"},
        Case{R"({"source": "", "limits": {"scratch_mib": -1}})", "/limits/scratch_mib",
             "out_of_range"},
        Case{R"({"source": "", "scratch_mib": 1})", "/scratch_mib", "unknown_field"},
        Case{R"({"source": "", "outputs": "*.csv"})", "/outputs", "wrong_type"},
        Case{R"({"source": "", "outputs": [1], "limits": {"scratch_mib": 1}})", "/outputs/0",
             "wrong_type"},
        Case{R"({"source": "", "outputs": ["../x"], "limits": {"scratch_mib": 1}})", "/outputs/0",
             "invalid_path"},
        Case{R"({"source": "", "outputs": ["*.csv"]})", "/limits/scratch_mib", "required"},
        Case{R"({"source": "", "files": {}})", "/files", "wrong_type"},
        Case{R"({"source": "", "files": ["a"]})", "/files/0", "wrong_type"},
        Case{R"({"source": "", "files": [null]})", "/files/0", "wrong_type"},
        Case{R"({"source": "", "files": [{"path": "a", "content": 1}]})", "/files/0/content",
             "wrong_type"},
        Case{R"({"source": "", "files": [{"path": "a"}]})", "/files/0/content", "required"},
        Case{R"({"source": "", "files": [{"path": "a", "content": "", "content_b64": ""}]})",
             "/files/0/content_b64", "duplicate_field"},
        Case{R"({"source": "", "files": [{"path": "a", "content_b64": "a"}]})",
             "/files/0/content_b64", "wrong_type"},
        Case{R"({"source": "", "files": [{"path": "a", "content_b64": "YQ"}]})",
             "/files/0/content_b64", "wrong_type"},
        Case{R"({"source": "", "files": [{"path": "a", "content": "", "mode": 7}]})",
             "/files/0/mode", "unknown_field"},
        Case{R"({"source": "", "files": [{"path": "a", "path": "b", "content": ""}]})",
             "/files/0/path", "duplicate_field"},
        Case{R"({"source": "", "files": [{"path": "../a", "content": ""}]})", "/files/0/path",
             "invalid_path"},
        Case{R"({"source": "", "args": [null]})", "/args/0", "wrong_type"},
        Case{R"({"source": "", "limits": {"limits": {}}})", "/limits/limits", "unknown_field"},
        Case{R"({"source": "a", "source": "b"})", "/source", "duplicate_field"},
        Case{R"({"source": "", "limits": {"memory_mib": 64, "memory_mib": 64}})",
             "/limits/memory_mib", "duplicate_field"}));

TEST(Submission, PartsThatAreTooLargeAreNamed) {
  const std::string full(262'144, 'x');
  EXPECT_THAT(FaultsOf(R"({"source": ")" + full + R"(", "stdin": ")" + full + R"("})"), IsEmpty());
  EXPECT_THAT(FaultsOf(R"({"source": ")" + full + R"(x", "stdin": ")" + full + R"(x"})"),
              ElementsAre(Pair("/source", "too_large"), Pair("/stdin", "too_large")));
}

class Malformed : public testing::TestWithParam<std::string> {};

TEST_P(Malformed, IsToldApartFromFaults) {
  const Submission submission = Decode(GetParam());
  EXPECT_NE(submission.malformed, "");
  EXPECT_THAT(submission.faults, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Bodies, Malformed,
                         testing::Values("", "{", "[1,]", "nonsense", R"({"source":"1"} x)",
                                         std::string(100'000, '['), "{\"source\":\"\xff\"}",
                                         "{\"source\":\"\xed\xa0\x80\"}", R"({"source":"\ud800"})",
                                         std::string("{\"source\":\"\"}\0", 14),
                                         std::string("\0", 1),
                                         R"({"limits":{"wall_seconds":1e999}})"));

TEST(Submission, DeepNestingIsJustAnotherWrongType) {
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  EXPECT_THAT(FaultsOf("{\"source\": " + deep + "}"), ElementsAre(Pair("/source", "wrong_type")));
}

TEST(Submission, ObjectsWhereNoneBelongDoNotConfuseThePointers) {
  EXPECT_THAT(FaultsOf(R"({"source": {"a": [{"b": 1}, {"b": 2}]}, "args": [{"c": 1}, {"c": 1}]})"),
              UnorderedElementsAre(Pair("/source", "wrong_type"), Pair("/args/0", "wrong_type"),
                                   Pair("/args/1", "wrong_type")));
}

TEST(Submission, KeysThatLookLikePointersAreNoDuplicates) {
  EXPECT_THAT(
      FaultsOf(R"({"source": "", "limits": {"a": 1}, "limits/a": 1, "": 1})"),
      UnorderedElementsAre(Pair("/limits/a", "unknown_field"), Pair("/limits~1a", "unknown_field"),
                           Pair("/", "unknown_field")));
}

TEST(Submission, ScratchSpaceBelongsToTheLimits) {
  const Submission submission = Decode(R"({"source": "", "scratch_mib": 8})");
  ASSERT_EQ(submission.faults.size(), 1U);
  EXPECT_THAT(submission.faults[0].detail, HasSubstr("/limits/scratch_mib"));
}

TEST(Submission, TheParsersMessageIsCut) {
  const std::string unterminated =
      Decode("{\"source\": \"" + std::string(4'000'000, 'x')).malformed;
  EXPECT_THAT(unterminated, StartsWith("parse error at line 1"));
  EXPECT_LT(unterminated.size(), 300U);
  const std::string overflow = Decode("[" + std::string(4'000'000, '9') + "]").malformed;
  EXPECT_THAT(overflow, StartsWith("number overflow"));
  EXPECT_LT(overflow.size(), 300U);
}

std::string Repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::string UnknownKeys(int count) {
  std::string keys;
  for (int i = 0; i < count; ++i) keys += ",\"key" + std::to_string(i) + "\":0";
  return keys;
}

TEST(Submission, TwentyFaultsAreListedAndTheNextIsOnlyMentioned) {
  const Submission twenty = Decode(R"({"source": "")" + UnknownKeys(20) + "}");
  EXPECT_EQ(twenty.faults.size(), 20U);
  EXPECT_FALSE(twenty.has_more_faults);
  const Submission more = Decode(R"({"source": "")" + UnknownKeys(21) + "}");
  EXPECT_EQ(more.faults.size(), 20U);
  EXPECT_TRUE(more.has_more_faults);
}

TEST(Submission, FaultsOfTheFieldsCountLikeThoseOfTheBody) {
  const Submission submission =
      Decode(R"({"source": "", "args": ["\u0000")" + Repeated(R"(, "\u0000")", 30) + "]}");
  EXPECT_EQ(submission.faults.size(), 20U);
  EXPECT_TRUE(submission.has_more_faults);
}

TEST(Submission, ALongKeyIsCutBetweenCharacters) {
  const Submission submission =
      Decode(R"({"source": "", "x)" + Repeated("ü", 2'000'000) + R"(": 1})");
  ASSERT_EQ(submission.faults.size(), 1U);
  EXPECT_EQ(submission.faults[0].pointer, "/x" + Repeated("ü", 31) + "…");
}

struct Hostile {
  const char* name;
  /// Made by the one test that wants it: every test is a process, and all of them list the others.
  std::string (*body)();
  std::size_t faults;
  const char* first_pointer;
  bool has_more;
};

class HostileBody : public testing::TestWithParam<Hostile> {};

TEST_P(HostileBody, IsRefusedWithFewFaults) {
  const Submission submission = Decode(GetParam().body());
  EXPECT_EQ(submission.malformed, "");
  ASSERT_EQ(submission.faults.size(), GetParam().faults);
  EXPECT_EQ(submission.faults[0].pointer, GetParam().first_pointer);
  EXPECT_EQ(submission.has_more_faults, GetParam().has_more);
  EXPECT_LE(submission.spec.args.size(), 65U);
  for (const domain::Fault& fault : submission.faults) EXPECT_LT(fault.pointer.size(), 100U);
}

constexpr std::array kHostile{
    Hostile{"DeepObjects", [] { return Repeated("{\"a\":", 60'000); }, 1, "/a", true},
    Hostile{"DeepClosedObjects",
            [] { return Repeated("{\"a\":", 60'000) + "1" + std::string(60'000, '}'); }, 1, "/a",
            true},
    Hostile{"DeepArrays", [] { return R"({"source": "", "args": )" + std::string(4'000'000, '['); },
            1, "/args/0", true},
    Hostile{"NumbersAsArgs",
            [] { return R"({"source": "", "args": [0)" + Repeated(",0", 1'900'000) + "]}"; }, 20,
            "/args/0", true},
    Hostile{"ManyArgs",
            [] { return R"({"source": "", "args": ["")" + Repeated(R"(,"")", 1'300'000) + "]}"; },
            1, "/args", true},
    Hostile{"UnknownKeys", [] { return R"({"source": "")" + UnknownKeys(100'000) + "}"; }, 20,
            "/key0", true},
    Hostile{"OneKeyAgainAndAgain",
            [] { return R"({"source": "")" + Repeated(R"(,"source":"")", 100'000) + "}"; }, 1,
            "/source", true},
    Hostile{"OneUnknownKeyAgainAndAgain",
            [] { return R"({"source": "")" + Repeated(R"(,"a":{})", 100'000) + "}"; }, 2, "/a",
            true},
    Hostile{"LongSource", [] { return R"({"source": ")" + std::string(4'000'000, 'x') + R"("})"; },
            1, "/source", false},
    Hostile{"LongNumber",
            [] {
              return R"({"source": "", "limits": {"memory_mib": 0.)" + std::string(4'000'000, '1') +
                     "}}";
            },
            1, "/limits/memory_mib", false},
    Hostile{"ManyValuesInAnUnknownField",
            [] { return R"({"source": "", "a": [0)" + Repeated(",0", 1'900'000) + "]}"; }, 1, "/a",
            true}};

INSTANTIATE_TEST_SUITE_P(Bodies, HostileBody, testing::ValuesIn(kHostile),
                         [](const auto& hostile) { return std::string(hostile.param.name); });

}  // namespace
}  // namespace oneshot::api::wire
