/// Figures and tables: told of without their bytes, and fetched as what they are, in a sandbox.
#include <gmock/gmock.h>

#include "core/domain/display.h"
#include "tests/component/api/running_api.h"
#include "tests/support/store/cold_attempt.h"

namespace oneshot::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Displays : public RunningApi {
 protected:
  /// A run that prints, shows `bytes` in three parts, and prints again.
  std::string Shown(const std::string& bytes, std::string_view mime = domain::kPng) {
    std::string id = Submit();
    ClaimAll();
    const std::size_t part = bytes.size() / 3 + 1;
    std::vector<domain::OutputRecord> records{Record(0, "before\n")};
    for (std::size_t at = 0; at < bytes.size(); at += part) {
      records.push_back({.seq = std::ssize(records), .ms = 7});
      records.back().display = domain::DisplayPart{.data = bytes.substr(at, part)};
    }
    records.back().display->whole = domain::Display{.number = 0,
                                                    .mime = std::string(mime),
                                                    .width = 640,
                                                    .height = 480,
                                                    .alt = "A title",
                                                    .bytes = std::ssize(bytes),
                                                    .first_seq = 1,
                                                    .last_seq = std::ssize(records) - 1};
    records.push_back(Record(std::ssize(records), "after\n"));
    Print(id, records);
    return id;
  }
  Answer Get(const std::string& id, const std::string& rest) {
    return Request("GET", "/api/v1/runs/" + id + rest);
  }
  static json Told(const std::string& id) {
    return {{"number", 0},
            {"mime", "image/png"},
            {"width", 640},
            {"height", 480},
            {"alt", "A title"},
            {"bytes", 1000},
            {"url", "/api/v1/runs/" + id + "/displays/0"}};
  }
};

std::string Bytes() {
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes += static_cast<char>(i);
  return bytes;
}

TEST_F(Displays, AreToldOfInTheRunAndInTheirPlace) {
  const std::string id = Shown(Bytes());
  EXPECT_EQ(Json(Get(id, ""))["displays"], json::array({Told(id)}));
  EXPECT_EQ(Json(Get(id, ""))["stdout"], "before\nafter\n");
  const json merged = Json(Get(id, "?output=merged"))["merged"];
  ASSERT_EQ(merged.size(), 3U) << merged;
  EXPECT_EQ(merged[1], (json{{"display", Told(id)}, {"ms", 7}}));
  EXPECT_EQ(merged[2]["text"], "after\n");
  EXPECT_EQ(Json(Request("GET", "/api/v1/runs"))["runs"][0]["displays"], nullptr);
  Finish(id);
  EXPECT_EQ(Json(Get(id, ""))["dropped_displays"], 0);
}

TEST_F(Displays, ComeInTheEventsWithoutTheirBytes) {
  const std::string id = Shown(Bytes());
  Finish(id);
  const std::string events = Get(id, "/events").body;
  json told = Told(id);
  told["ms"] = 7;
  const std::size_t at = events.find("event: display\nid: 1-3\ndata: ");
  ASSERT_NE(at, std::string::npos) << events;
  const std::size_t data = events.find("data: ", at) + 6;
  EXPECT_EQ(json::parse(events.substr(data, events.find('\n', data) - data)), told);
  EXPECT_LT(events.find("before"), at);
  EXPECT_GT(events.find("after"), at);
  const Answer later =
      Call(port_, "GET", "/api/v1/runs/" + id + "/events", "", "Last-Event-ID: 1-3\r\n");
  EXPECT_EQ(later.body.find("event: display"), std::string::npos) << "the client has it";
  const Answer middle =
      Call(port_, "GET", "/api/v1/runs/" + id + "/events", "", "Last-Event-ID: 1-0\r\n");
  EXPECT_THAT(middle.body, HasSubstr("event: display"));
}

TEST_F(Displays, AreFetchedByteForByteAsWhatTheyAre) {
  const std::string id = Shown(Bytes());
  const Answer answer = Get(id, "/displays/0");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, Bytes());
  EXPECT_EQ(answer.headers.at("content-type"), "image/png");
  EXPECT_EQ(answer.headers.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(answer.headers.at("content-security-policy"),
            "default-src 'none'; style-src 'unsafe-inline'; sandbox");
  EXPECT_EQ(answer.headers.at("content-disposition"), "inline");
  EXPECT_EQ(answer.headers.at("cache-control"), "private, no-cache");
}

TEST_F(Displays, OfATypeThatIsNotKnownAreNotShown) {
  const Answer answer = Get(Shown(Bytes(), "text/html"), "/displays/0");
  EXPECT_EQ(answer.headers.at("content-type"), "application/octet-stream");
}

TEST_F(Displays, AreNotSentAgainToWhoHasThem) {
  const std::string id = Shown(Bytes());
  const std::string tag = Get(id, "/displays/0").headers.at("etag");
  const auto with = [&](const std::string& tags) {
    return Call(port_, "GET", "/api/v1/runs/" + id + "/displays/0", "",
                "If-None-Match: " + tags + "\r\n");
  };
  const Answer again = with("\"other\", " + tag);
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(again.headers.at("etag"), tag);
  EXPECT_EQ(with("\"other\"").status, 200);
}

TEST_F(Displays, ThatAreNotThereAreNotFound) {
  const std::string id = Shown(Bytes());
  for (const char* number : {"1", "-1", "00", "0x0", "x", "99999999999999999999", "%30%30"}) {
    const Answer answer = Get(id, std::string("/displays/") + number);
    EXPECT_EQ(answer.status, 404) << number;
    EXPECT_EQ(Json(answer)["code"], "display_not_found") << number;
  }
  EXPECT_EQ(Json(Get("01j00000000000000000000000", "/displays/0"))["code"], "run_not_found");
  EXPECT_EQ(Get(id, "/displays/0?x=1").status, 400);
}

TEST_F(Displays, OfAnAttemptThatWasInterruptedAreGone) {
  const std::string id = Shown(Bytes());
  const std::string tag = Get(id, "/displays/0").headers.at("etag");
  ASSERT_TRUE(store_->Interrupt(epoch_, ColdAttempt(id, 1), {.reason = "node_lost"}, {}));
  EXPECT_EQ(Get(id, "/displays/0").status, 404);
  EXPECT_EQ(Json(Get(id, ""))["displays"], json::array());
}

TEST_F(Displays, AreAskedForInTheSubmission) {
  const auto scale_of = [&](const std::string& display) -> double {
    const Answer answer =
        Request("POST", "/api/v1/runs", R"({"source": "", "display": )" + display + "}");
    if (answer.status != 201) return -1;
    return store_->Get(Json(answer)["id"])->spec.display_scale;
  };
  EXPECT_EQ(scale_of("true"), 1);
  EXPECT_EQ(scale_of("false"), 0);
  EXPECT_EQ(scale_of("null"), 0);
  EXPECT_EQ(scale_of("2.5"), 2.5);
  for (const char* wrong : {"0", "0.5", "3.1", "-1", "1e308", "\"yes\"", "{}", "[]"})
    EXPECT_EQ(scale_of(wrong), -1) << wrong;
  const Answer refused = Request("POST", "/api/v1/runs", R"({"source": "", "display": 4})");
  EXPECT_EQ(Json(refused)["errors"][0]["pointer"], "/display");
  EXPECT_EQ(Json(refused)["errors"][0]["detail"],
            "must be true, false, or a number between 1 and 3");
}

}  // namespace
}  // namespace oneshot::test
