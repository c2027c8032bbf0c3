/// POST /api/v1/runs with an Idempotency-Key: however often it is sent, one run comes of it.
#include <gmock/gmock.h>

#include "tests/component/api/running_api.h"

namespace oneshot::test {
namespace {

using testing::HasSubstr;

class Idempotency : public RunningApi {
 protected:
  static constexpr const char* kBody = R"({"source": "x = 1"})";

  static std::string Headers(const std::string& key) {
    return "Content-Type: application/json\r\nIdempotency-Key: " + key + "\r\n";
  }
  Answer Post(const std::string& key, const std::string& body = kBody,
              const std::string& query = "") {
    return Call(port_, "POST", "/api/v1/runs" + query, body, Headers(key));
  }
};

TEST_F(Idempotency, ARepeatedSubmissionGetsTheRunThatIsThereAlready) {
  const Answer first = Post("k-1");
  ASSERT_EQ(first.status, 201) << first.body;
  const Answer again = Post("k-1");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.headers.at("location"), first.headers.at("location"));
  EXPECT_EQ(Json(again), Json(first));
  EXPECT_EQ(store_->List({.limit = 9})->size(), 1U);
  EXPECT_EQ(Post("k-2").status, 201);
}

TEST_F(Idempotency, ARepetitionMayWaitForTheEnd) {
  const std::string id = Json(Post("k"))["id"];
  Client client(port_);
  client.Send("POST", "/api/v1/runs?wait=60", kBody, Headers("k"));
  ClaimAll();
  Print(id, {Record(0, "1\n")});
  Finish(id);
  Announce(id);
  const Answer answer = client.Read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(Json(answer)["id"], id);
  EXPECT_EQ(Json(answer)["stdout"], "1\n");
}

TEST_F(Idempotency, TwoAtTheSameMomentGetOneRun) {
  std::vector<Client> clients;
  for (int i = 0; i < 8; ++i)
    clients.emplace_back(port_).Send("POST", "/api/v1/runs", kBody, Headers("k"));
  int accepted = 0;
  std::set<std::string> ids;
  for (Client& client : clients) {
    const Answer answer = client.Read();
    EXPECT_THAT(answer.status, testing::AnyOf(200, 201));
    accepted += answer.status == 201 ? 1 : 0;
    ids.insert(Json(answer)["id"]);
  }
  EXPECT_EQ(accepted, 1);
  EXPECT_EQ(ids.size(), 1U);
}

TEST_F(Idempotency, AKeyIsForOneBody) {
  ASSERT_EQ(Post("k").status, 201);
  const Answer other = Post("k", R"({"source": "x = 2"})");
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(Json(other)["code"], "idempotency_key_reused");
  EXPECT_EQ(store_->List({.limit = 9})->size(), 1U);
}

TEST_F(Idempotency, TheRunOfAKeyMayBeDeletedAndDoesNotRunAgain) {
  const std::string id = Json(Post("k"))["id"];
  ClaimAll();
  Finish(id);
  ASSERT_EQ(Request("DELETE", "/api/v1/runs/" + id).status, 204);
  const Answer answer = Post("k");
  EXPECT_EQ(answer.status, 410);
  EXPECT_EQ(Json(answer)["code"], "expired");
  EXPECT_THAT(Json(answer)["detail"], HasSubstr(id));
}

TEST_F(Idempotency, AFullQueueDoesNotHideWhatIsInIt) {
  const std::string id = Json(Post("k"))["id"];
  int status = 201;
  for (int i = 0; status == 201; ++i) status = Post("k-" + std::to_string(i)).status;
  EXPECT_EQ(status, 429);
  const Answer answer = Post("k");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(Json(answer)["id"], id);
  const Answer other = Post("k", R"({"source": "x = 2"})");
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(Json(other)["code"], "idempotency_key_reused");
}

TEST_F(Idempotency, WhatTheDatabaseDidNotConfirmCanBeRepeated) {
  store_->GoAwayAfterNextSubmit();
  const Answer lost = Post("k");
  EXPECT_EQ(Json(lost)["code"], "unknown_outcome");
  store_->SetUnavailable(false);
  const Answer again = Post("k");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(store_->List({.limit = 9})->size(), 1U);
}

TEST_F(Idempotency, AKeyThatIsNoneIsRefusedWithTheLimit) {
  for (const std::string& key : {std::string(), std::string(256, 'k'), std::string("a b"),
                                 std::string("\xC3\xBC"), std::string("a\tb")}) {
    const Answer answer = Post(key);
    EXPECT_EQ(answer.status, 400) << key;
    EXPECT_EQ(Json(answer)["code"], "invalid_idempotency_key");
    EXPECT_THAT(Json(answer)["detail"], HasSubstr("1 to 255 visible ASCII characters"));
  }
  EXPECT_EQ(Post(std::string(255, 'k')).status, 201);
}

}  // namespace
}  // namespace oneshot::test
