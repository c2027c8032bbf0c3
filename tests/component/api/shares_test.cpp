/// A finished run at an address of its own: who has it reads what the run was, and nothing else of
/// it.
#include <gmock/gmock.h>

#include <set>

#include "core/domain/display.h"
#include "tests/component/api/running_api.h"
#include "tests/support/store/cold_attempt.h"

namespace oneshot::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

constexpr const char* kNobodys = "00000000000000000000000000000000";

class Shares : public RunningApi {
 protected:
  /// A run that has printed `data` and ended.
  std::string Finished(const std::string& data = "6\n") {
    std::string id = Submit("print(6)");
    ClaimAll();
    Print(id, {Record(0, data)});
    Finish(id);
    return id;
  }
  Answer Post(const std::string& body) { return Request("POST", "/api/v1/shares", body); }
  json Share(const std::string& run) {
    const Answer answer = Post(json{{"run_id", run}}.dump());
    EXPECT_EQ(answer.status, 201) << answer.body;
    return Json(answer);
  }
  Answer Get(const json& share, const std::string& rest = "") {
    return Request("GET", "/api/v1/shares/" + share["id"].get<std::string>() + rest);
  }
  Answer Revoke(const std::string& id, const std::string& token) {
    return Call(port_, "DELETE", "/api/v1/shares/" + id, "", "Revoke-Token: " + token + "\r\n");
  }
  Answer Revoke(const json& share) { return Revoke(share["id"], share["revoke_token"]); }
  std::string CodeOf(const Answer& answer) { return Json(answer)["code"]; }
};

TEST_F(Shares, AreMadeWithAnIdAndATokenThatNobodyCanGuess) {
  const std::string run = Finished();
  const Answer answer = Post(json{{"run_id", run}}.dump());
  ASSERT_EQ(answer.status, 201) << answer.body;
  const json share = Json(answer);
  const std::string id = share["id"];
  EXPECT_THAT(id, MatchesRegex("[0-9a-z]{32}"));
  EXPECT_THAT(share["revoke_token"].get<std::string>(), MatchesRegex("[0-9a-z]{32}"));
  EXPECT_NE(share["revoke_token"], id);
  EXPECT_EQ(share["run_id"], run);
  EXPECT_EQ(answer.headers.at("location"), "/api/v1/shares/" + id);
  EXPECT_EQ(answer.headers.at("cache-control"), "no-store");
  EXPECT_EQ(share["links"], (json{{"self", "/api/v1/shares/" + id},
                                  {"page", "/#share=" + id},
                                  {"embed", "/embed#share=" + id}}));
  EXPECT_LT(share["created_at"].get<std::string>(), share["expires_at"].get<std::string>());
}

TEST_F(Shares, AreTheRunWithAddressesOfTheirOwn) {
  const std::string run = Finished();
  const json share = Share(run);
  const Answer answer = Get(share);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.headers.at("x-robots-tag"), "noindex");
  EXPECT_EQ(answer.headers.at("cache-control"), "no-store");
  json got = Json(answer);
  EXPECT_EQ(got["id"], share["id"]);
  EXPECT_EQ(got["expires_at"], share["expires_at"]);
  EXPECT_FALSE(got.contains("revoke_token"));
  json expected = Json(Request("GET", "/api/v1/runs/" + run));
  const std::string self = share["links"]["self"];
  EXPECT_EQ(got["run"]["links"], (json{{"self", self},
                                       {"events", nullptr},
                                       {"stdout", self + "/stdout"},
                                       {"stderr", self + "/stderr"},
                                       {"submission", self + "/submission"}}));
  EXPECT_EQ(got["run"]["job"], nullptr) << "where it ran is nobody's business";
  for (json* each : {&expected, &got["run"]}) {
    each->erase("links");
    each->erase("job");
  }
  EXPECT_EQ(got["run"], expected);
  EXPECT_EQ(Json(Get(share, "/submission")),
            Json(Request("GET", "/api/v1/runs/" + run + "/submission")));
}

TEST_F(Shares, TellNothingOfWhoMadeTheRun) {
  const Answer made = Call(port_, "POST", "/api/v1/runs", R"({"source": ""})",
                           "Content-Type: application/json\r\nX-Forwarded-For: "
                           "203.0.113.7\r\nIdempotency-Key: the-key\r\n");
  const std::string run = Json(made)["id"];
  ClaimAll();
  Print(run, {Record(0, "x")});
  Finish(run);
  const json share = Share(run);
  for (const char* part : {"", "?output=merged", "/submission"}) {
    const std::string body = Get(share, part).body;
    for (const char* secret : {"203.0.113.7", "the-key", "\"node\"", "\"pod\""})
      EXPECT_THAT(body, Not(HasSubstr(secret)));
  }
}

TEST_F(Shares, HaveTheOutputInEveryForm) {
  const std::string bytes("\0 NUL, \xff broken\n", 15);
  const json share = Share(Finished(bytes));
  EXPECT_EQ(Get(share, "/stdout").body, bytes);
  EXPECT_EQ(Get(share, "/stdout").headers.at("x-robots-tag"), "noindex");
  EXPECT_EQ(Get(share, "/stderr").body, "");
  const json merged = Json(Get(share, "?output=merged"))["run"];
  EXPECT_EQ(merged["merged"][0]["text"], std::string("\0 NUL, \uFFFD broken\n", 17));
  EXPECT_EQ(Json(Get(share, "?output=merged&after=1-0"))["run"]["merged"], json::array());
  EXPECT_FALSE(Json(Get(share, "?output=none"))["run"].contains("stdout"));
  EXPECT_EQ(Get(share, "?wait=1").status, 400) << "it has ended";
  EXPECT_EQ(Get(share, "?output=merged&after=x").status, 400);
}

TEST_F(Shares, OfMuchOutputHaveItsBeginningAndAllOfIt) {
  const std::string much(700'000, 'x');
  const json share = Share(Finished(much));
  const json run = Json(Get(share))["run"];
  EXPECT_EQ(run["stdout"].get<std::string>().size(), 262'144U);
  EXPECT_EQ(run["stdout_cut"], true);
  EXPECT_EQ(Get(share, "/stdout").body, much);
}

TEST_F(Shares, ShowWhatTheRunHasShown) {
  const std::string run = Submit();
  ClaimAll();
  domain::OutputRecord shown{.seq = 0, .ms = 7};
  shown.display = domain::DisplayPart{.data = "PNG",
                                      .whole = domain::Display{.number = 0,
                                                               .mime = std::string(domain::kPng),
                                                               .width = 1,
                                                               .height = 1,
                                                               .alt = "A title",
                                                               .bytes = 3,
                                                               .first_seq = 0,
                                                               .last_seq = 0}};
  Print(run, {shown});
  Finish(run);
  const json share = Share(run);
  const std::string url = share["links"]["self"].get<std::string>() + "/displays/0";
  EXPECT_EQ(Json(Get(share))["run"]["displays"][0]["url"], url);
  EXPECT_EQ(Json(Get(share, "?output=merged"))["run"]["merged"][0]["display"]["url"], url);
  ASSERT_EQ(Request("DELETE", "/api/v1/runs/" + run).status, 204);
  const Answer answer = Get(share, "/displays/0");
  EXPECT_EQ(answer.body, "PNG");
  EXPECT_EQ(answer.headers.at("content-type"), "image/png");
  EXPECT_EQ(answer.headers.at("content-security-policy"),
            "default-src 'none'; style-src 'unsafe-inline'; sandbox");
  EXPECT_EQ(answer.headers.at("x-robots-tag"), "noindex");
  EXPECT_EQ(CodeOf(Get(share, "/displays/1")), "display_not_found");
  EXPECT_EQ(Get(share, "/displays/0?x=1").status, 400);
}

TEST_F(Shares, StayWhenTheRunIsDeleted) {
  const std::string run = Finished();
  const json share = Share(run);
  const json before = Json(Get(share));
  ASSERT_EQ(Request("DELETE", "/api/v1/runs/" + run).status, 204);
  for (const char* part : {"", "/stdout", "/stderr", "/submission", "/events", "/displays/0"})
    EXPECT_EQ(CodeOf(Request("GET", "/api/v1/runs/" + run + part)), "run_not_found") << part;
  EXPECT_EQ(Request("DELETE", "/api/v1/runs/" + run).status, 404);
  EXPECT_EQ(Request("POST", "/api/v1/runs/" + run + "/cancel").status, 404);
  EXPECT_EQ(Json(Request("GET", "/api/v1/runs"))["runs"], json::array());
  EXPECT_EQ(Json(Get(share)), before);
  EXPECT_EQ(Get(share, "/stdout").body, "6\n");
  EXPECT_EQ(Get(share, "/submission").status, 200);
  EXPECT_EQ(CodeOf(Post(json{{"run_id", run}}.dump())), "run_not_found");
}

TEST_F(Shares, OfOneRunAreIndependent) {
  const std::string run = Finished();
  const json one = Share(run);
  const json other = Share(run);
  EXPECT_NE(one["id"], other["id"]);
  EXPECT_EQ(Revoke(one["id"], other["revoke_token"]).status, 403);
  EXPECT_EQ(Revoke(one).status, 204);
  EXPECT_EQ(Get(one).status, 404);
  EXPECT_EQ(Get(other).status, 200);
  EXPECT_EQ(Request("GET", "/api/v1/runs/" + run).status, 200);
}

TEST_F(Shares, AreRevokedWithTheirTokenOnly) {
  const json share = Share(Finished());
  const std::string id = share["id"];
  EXPECT_EQ(CodeOf(Request("DELETE", "/api/v1/shares/" + id)), "wrong_revoke_token");
  const std::string token = share["revoke_token"];
  const std::set<std::string> wrong{token.substr(1),      token + "0", id,
                                    std::string(32, '0'), "",          std::string(8000, 'x')};
  for (const std::string& each : wrong) EXPECT_EQ(Revoke(id, each).status, 403) << each;
  EXPECT_EQ(Revoke(id, token).status, 204);
  EXPECT_EQ(CodeOf(Revoke(id, token)), "share_not_found") << "revoked twice";
}

TEST_F(Shares, ThatAreNotThereAreAllTheSame) {
  const std::string run = Finished();
  const json revoked = Share(run);
  ASSERT_EQ(Revoke(revoked).status, 204);
  const auto without_id = [](const Answer& answer) {
    json problem = Json(answer);
    problem.erase("request_id");
    problem.erase("instance");
    return problem;
  };
  const json expected = without_id(Request("GET", std::string("/api/v1/shares/") + kNobodys));
  EXPECT_EQ(expected["code"], "share_not_found");
  for (const std::string& id : {revoked["id"].get<std::string>(), run, std::string("x"),
                                std::string(32, 'U'), std::string("-"), std::string(4000, 'a')}) {
    for (const char* part : {"", "/stdout", "/stderr", "/submission", "/displays/0"})
      EXPECT_EQ(without_id(Request("GET", "/api/v1/shares/" + id + part)), expected) << id << part;
    EXPECT_EQ(without_id(Revoke(id, "x")), expected) << id;
  }
}

TEST_F(Shares, AreMadeOfFinishedRunsOnly) {
  const std::string run = Submit();
  EXPECT_EQ(CodeOf(Post(json{{"run_id", run}}.dump())), "run_active");
  ClaimAll();
  const Answer active = Post(json{{"run_id", run}}.dump());
  EXPECT_EQ(active.status, 409);
  EXPECT_THAT(Json(active)["detail"].get<std::string>(), HasSubstr("share"));
  for (const char* id : {"01j00000000000000000000000", "", "x", "%", kNobodys})
    EXPECT_EQ(CodeOf(Post(json{{"run_id", id}}.dump())), "run_not_found") << id;
}

TEST_F(Shares, AreAskedForWithARunAndNothingElse) {
  const std::string run = Finished();
  const auto post = [&](const std::string& body) { return Json(Post(body)); };
  EXPECT_EQ(post("{")["code"], "malformed_json");
  EXPECT_EQ(post("{\"run_id\": \"\xff\"}")["code"], "malformed_json");
  EXPECT_EQ(post(std::string("{}\0", 3))["code"], "malformed_json");
  EXPECT_EQ(post("[]")["errors"][0]["code"], "wrong_type");
  EXPECT_EQ(post("{}")["errors"][0]["code"], "required");
  EXPECT_EQ(post(R"({"run_id": null})")["errors"][0]["code"], "required");
  EXPECT_EQ(post(R"({"run_id": 6})")["errors"][0]["code"], "wrong_type");
  EXPECT_EQ(post(R"({"run_id": {"run_id": "x"}})")["errors"][0]["code"], "wrong_type");
  EXPECT_EQ(post(R"({"run_id": ")" + run + R"(", "days": 9})")["errors"][0]["code"],
            "unknown_field");
  EXPECT_EQ(post(R"({"run_id": "x", "run_id": ")" + run + R"("})")["errors"][0]["code"],
            "duplicate_field");
  const json huge = post(std::string(100'000, '['));
  EXPECT_EQ(huge["status"], 413);
  EXPECT_EQ(huge["code"], "body_too_large");
  EXPECT_EQ(Call(port_, "POST", "/api/v1/shares", "{}", "Content-Type: text/plain\r\n").status,
            415);
  EXPECT_EQ(Request("POST", "/api/v1/shares?run_id=" + run, "{}").status, 400);
}

TEST_F(Shares, AreBoundedForOneClient) {
  const std::string run = Finished();
  for (int i = 0; i < 3; ++i) Share(run);
  const Answer refused = Post(json{{"run_id", run}}.dump());
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(CodeOf(refused), "too_many_shares");
  const Answer another = Call(port_, "POST", "/api/v1/shares", json{{"run_id", run}}.dump(),
                              "Content-Type: application/json\r\nX-Forwarded-For: 203.0.113.7\r\n");
  EXPECT_EQ(another.status, 201);
}

TEST_F(Shares, HaveTheirRoom) {
  const std::string small = Finished();
  const std::string large = Finished(std::string(800'000, 'x'));
  Share(large);
  const Answer refused = Post(json{{"run_id", Finished(std::string(800'000, 'y'))}}.dump());
  EXPECT_EQ(refused.status, 507);
  EXPECT_EQ(CodeOf(refused), "shares_full");
  Share(small);
}

TEST_F(Shares, AreMadeOnceWhenTheCommitIsNotConfirmed) {
  const std::string run = Finished();
  store_->LoseAnswerOfNextShare();
  const json share = Share(run);
  EXPECT_EQ(Get(share).status, 200);
  EXPECT_EQ(Revoke(share).status, 204);
  ASSERT_EQ(Request("DELETE", "/api/v1/runs/" + run).status, 204);
  EXPECT_FALSE(store_->Look(run, {}, 0)) << "there was no second share";
}

TEST_F(Shares, AreNotMissingWhenTheDatabaseIsAway) {
  const std::string run = Finished();
  const json share = Share(run);
  store_->SetUnavailable(true);
  EXPECT_EQ(CodeOf(Get(share)), "unavailable");
  EXPECT_EQ(CodeOf(Get(share, "/stdout")), "unavailable");
  EXPECT_EQ(CodeOf(Get(share, "/displays/0")), "unavailable");
  EXPECT_EQ(CodeOf(Revoke(share)), "unavailable");
  EXPECT_EQ(CodeOf(Post(json{{"run_id", run}}.dump())), "unavailable");
  store_->SetUnavailable(false);
  EXPECT_EQ(Get(share).status, 200);
}

}  // namespace
}  // namespace oneshot::test
