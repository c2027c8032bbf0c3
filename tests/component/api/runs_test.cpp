/// The calls about single runs and their list, and what they refuse.
#include <gmock/gmock.h>

#include "tests/component/api/running_api.h"

namespace oneshot::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Runs : public RunningApi {
 protected:
  /// The problem's code; checks that it is one.
  std::string CodeOf(const Answer& answer, int status) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json");
    const json problem = Json(answer);
    EXPECT_EQ(problem["status"], status);
    EXPECT_EQ(problem["request_id"], answer.headers.at("x-request-id"));
    return problem["code"];
  }
};

TEST_F(Runs, AreAcceptedAndFoundAgain) {
  const Answer accepted =
      Request("POST", "/api/v1/runs", R"({"source": "x = 1", "limits": {"wall_seconds": 1.5}})");
  ASSERT_EQ(accepted.status, 201);
  AwaitQueueNotifications(1);
  const std::string id = Json(accepted)["id"];
  EXPECT_EQ(accepted.headers.at("location"), "/api/v1/runs/" + id);
  EXPECT_EQ(accepted.headers.at("cache-control"), "no-store");
  EXPECT_EQ(Json(accepted)["stdout"], "");
  EXPECT_EQ(Json(accepted)["queue_position"], 1);
  EXPECT_EQ(Json(Request("GET", "/api/v1/runs/" + id)), Json(accepted));
  EXPECT_EQ(store_->Get(id)->spec.limits.wall_ms, 1500);
}

TEST_F(Runs, TellWhatTheyPrintedAlsoWhileTheyRun) {
  const std::string id = Submit();
  ClaimAll();
  domain::OutputRecord error = Record(1, "\xff");
  error.pieces[0].stream = domain::Stream::kStderr;
  Print(id, {Record(0, "out"), error});
  const json run = Json(Request("GET", "/api/v1/runs/" + id));
  EXPECT_EQ(run["status"], "running");
  EXPECT_EQ(run["stdout"], "out");
  EXPECT_EQ(run["stderr"], "\xEF\xBF\xBD");
  const Answer bytes = Request("GET", "/api/v1/runs/" + id + "/stderr");
  EXPECT_EQ(bytes.body, "\xff");
  EXPECT_EQ(bytes.headers.at("content-type"), "application/octet-stream");
  EXPECT_EQ(bytes.headers.at("x-content-type-options"), "nosniff");
  EXPECT_THAT(bytes.headers.at("content-disposition"), HasSubstr("attachment"));
  EXPECT_EQ(Request("GET", "/api/v1/runs/" + id + "/stdout").body, "out");
}

TEST_F(Runs, AreListedNewestFirstPageByPage) {
  std::vector<std::string> newest_first;
  for (int i = 0; i < 5; ++i) {
    newest_first.push_back(Submit());
    ClaimAll();
  }
  std::sort(newest_first.rbegin(), newest_first.rend());
  std::vector<std::string> listed;
  std::string cursor;
  do {
    const json page = Json(Request("GET", "/api/v1/runs?limit=2" + cursor));
    EXPECT_LE(page["runs"].size(), 2U);
    for (const json& run : page["runs"]) {
      listed.push_back(run["id"]);
      EXPECT_FALSE(run.contains("stdout"));
    }
    cursor =
        page["next_cursor"].is_null() ? "" : "&cursor=" + page["next_cursor"].get<std::string>();
  } while (!cursor.empty());
  EXPECT_EQ(listed, newest_first);
}

TEST_F(Runs, AreListedFromTheBeginningWithAnEmptyCursor) {
  Submit();
  EXPECT_EQ(Json(Request("GET", "/api/v1/runs?cursor=")), Json(Request("GET", "/api/v1/runs")));
}

TEST_F(Runs, AreListedByStatus) {
  const std::string finished = Submit();
  ClaimAll();
  Finish(finished);
  Submit();
  EXPECT_EQ(Json(Request("GET", "/api/v1/runs?status=queued"))["runs"].size(), 1U);
  EXPECT_EQ(Json(Request("GET", "/api/v1/runs?status=succeeded"))["runs"].size(), 1U);
  EXPECT_EQ(Json(Request("GET", "/api/v1/runs?status=failed"))["runs"].size(), 0U);
}

TEST_F(Runs, AreCancelledAndDeleted) {
  const std::string id = Submit();
  ClaimAll();
  EXPECT_EQ(CodeOf(Request("DELETE", "/api/v1/runs/" + id), 409), "run_active");
  EXPECT_EQ(Request("POST", "/api/v1/runs/" + id + "/cancel").status, 202);
  AwaitQueueNotifications(2);
  EXPECT_TRUE(store_->Get(id)->cancel_requested);
  Finish(id, domain::RunStatus::kCancelled);
  const Answer again = Request("POST", "/api/v1/runs/" + id + "/cancel");
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(Json(again)["status"], "cancelled");
  EXPECT_EQ(Request("DELETE", "/api/v1/runs/" + id).status, 204);
  for (const char* method : {"GET", "DELETE"}) {
    EXPECT_EQ(CodeOf(Request(method, "/api/v1/runs/" + id), 404), "run_not_found");
  }
  EXPECT_EQ(CodeOf(Request("POST", "/api/v1/runs/" + id + "/cancel"), 404), "run_not_found");
}

TEST_F(Runs, AreRefusedWithEveryReason) {
  const Answer answer = Request("POST", "/api/v1/runs",
                                R"({"stdin": 1, "sorce": "", "limits": {"wall_seconds": 0}})");
  EXPECT_EQ(CodeOf(answer, 422), "invalid_run");
  std::vector<std::string> pointers;
  const json problem = Json(answer);
  for (const json& error : problem["errors"]) pointers.push_back(error["pointer"]);
  EXPECT_THAT(pointers,
              testing::UnorderedElementsAre("/source", "/stdin", "/sorce", "/limits/wall_seconds"));
}

TEST_F(Runs, AreRefusedWithAtMostTwentyErrorsWhateverTheBodyHolds) {
  std::string deep;
  for (int i = 0; i < 60'000; ++i) deep += R"({"a":)";
  std::string zeros = R"({"source": "", "args": [0)";
  for (int i = 0; i < 1'900'000; ++i) zeros += ",0";
  for (const std::string& body : {deep, zeros + "]}"}) {
    const Answer answer = Request("POST", "/api/v1/runs", body);
    EXPECT_EQ(CodeOf(answer, 422), "invalid_run");
    EXPECT_LE(Json(answer)["errors"].size(), 20U);
    EXPECT_EQ(Json(answer)["errors_truncated"], true);
  }
  Submit();
}

TEST_F(Runs, AreRefusedForWhatIsNoJson) {
  EXPECT_EQ(CodeOf(Request("POST", "/api/v1/runs", "{"), 400), "malformed_json");
  EXPECT_EQ(CodeOf(Request("POST", "/api/v1/runs"), 415), "unsupported_media_type");
  EXPECT_EQ(CodeOf(Call(port_, "POST", "/api/v1/runs", "{}", "Content-Type: text/plain\r\n"), 415),
            "unsupported_media_type");
  EXPECT_EQ(Call(port_, "POST", "/api/v1/runs", R"({"source": ""})",
                 "Content-Type: Application/JSON ; charset=utf-8\r\n")
                .status,
            201);
}

TEST_F(Runs, AreRefusedWhenTooLarge) {
  const std::string source(262'145, 'x');
  EXPECT_EQ(CodeOf(Request("POST", "/api/v1/runs", json{{"source", source}}.dump()), 413),
            "run_too_large");
  EXPECT_EQ(CodeOf(Request("POST", "/api/v1/runs", std::string(13'000'000, ' ')), 413),
            "body_too_large");
}

TEST_F(Runs, OfOneClientAreRefusedBeforeThoseOfOthers) {
  const auto submit = [this](const std::string& client) {
    return test::Call(port_, "POST", "/api/v1/runs", R"({"source": ""})",
                      "Content-Type: application/json\r\nX-Forwarded-For: " + client + "\r\n");
  };
  for (int i = 0; i < 70; ++i) ASSERT_EQ(submit("203.0.113.7").status, 201);
  const Answer own = submit("203.0.113.7");
  EXPECT_EQ(CodeOf(own, 429), "too_many_queued_runs");
  EXPECT_TRUE(own.headers.contains("retry-after"));
  for (int i = 0; i < 10; ++i) ASSERT_EQ(submit("203.0.113.8").status, 201);
  const Answer full = submit("203.0.113.9");
  EXPECT_EQ(CodeOf(full, 503), "queue_full");
  EXPECT_TRUE(full.headers.contains("retry-after"));
}

// The client would take `unavailable` as "not accepted" and submit again, and the program would run
// twice.
TEST_F(Runs, AreUnconfirmedWhenTheDatabaseGoesAwayBeforeItConfirms) {
  store_->GoAwayAfterNextSubmit();
  EXPECT_EQ(CodeOf(Request("POST", "/api/v1/runs", R"({"source": ""})"), 503), "unknown_outcome");
}

TEST_F(Runs, WithoutADatabaseEveryCallSaysWhenToComeBack) {
  const std::string id = Submit();
  store_->SetUnavailable(true);
  const std::string run = "/api/v1/runs/" + id;
  for (const auto& [method, target] :
       std::vector<std::pair<std::string, std::string>>{{"POST", "/api/v1/runs"},
                                                        {"GET", "/api/v1/runs"},
                                                        {"GET", run},
                                                        {"DELETE", run},
                                                        {"POST", run + "/cancel"},
                                                        {"GET", run + "/events"},
                                                        {"GET", run + "/stdout"}}) {
    const Answer answer = Request(method, target, method == "POST" ? R"({"source": ""})" : "");
    EXPECT_EQ(CodeOf(answer, 503), "unavailable") << target;
    EXPECT_TRUE(answer.headers.contains("retry-after"));
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (Request("GET", "/readyz").status != 503 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  EXPECT_EQ(Request("GET", "/readyz").status, 503);
  EXPECT_EQ(Request("GET", "/healthz").status, 200);
}

TEST_F(Runs, AskedForWithABadQueryAreRefused) {
  for (const char* query : {"limit=0", "limit=101", "limit=x", "cursor=nonsense", "status=happy",
                            "what=1", "limit=%"}) {
    EXPECT_EQ(CodeOf(Request("GET", std::string("/api/v1/runs?") + query), 400), "invalid_query")
        << query;
  }
  EXPECT_EQ(CodeOf(Request("POST", "/api/v1/runs?wait=61", R"({"source": ""})"), 400),
            "invalid_query");
}

TEST_F(Runs, ComeWithAContractAndAnEnvironment) {
  const json contract = Json(Request("GET", "/api/openapi.json"));
  EXPECT_EQ(contract["openapi"], "3.1.0");
  EXPECT_EQ(contract["info"]["version"], "1");
  EXPECT_TRUE(contract["components"]["schemas"].contains("RunSummary"));
  EXPECT_EQ(contract.dump().find(".yaml"), std::string::npos) << "it is one document";
  const json environment = Json(Request("GET", "/api/v1/environment"));
  EXPECT_EQ(environment["image"], "python:test");
  EXPECT_EQ(environment["limits"]["maxima"]["wall_seconds"], 60);
}

}  // namespace
}  // namespace oneshot::test
