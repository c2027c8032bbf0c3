/// Input for an active run: what is taken, what is refused, and who is told.
#include "tests/component/api/running_api.h"

namespace oneshot::test {
namespace {

class Stdin : public RunningApi {
 protected:
  std::string SubmitOpen() {
    return Json(Request("POST", "/api/v1/runs", R"({"source": "", "stdin_open": true})"))["id"];
  }
  Answer Send(const std::string& id, const std::string& body, const std::string& query = "",
              const std::string& type = "application/octet-stream") const {
    Client client(port_);
    client.Send("POST", "/api/v1/runs/" + id + "/stdin" + query, body,
                "Content-Type: " + type + "\r\n");
    return client.Read();
  }
};

TEST_F(Stdin, IsStoredAsItCameAndTheControllerIsTold) {
  const std::string id = SubmitOpen();
  AwaitQueueNotifications(1);
  const std::string bytes("\0\xff\n", 3);
  const Answer answer = Send(id, bytes);
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(Json(answer)["next_seq"], 1);
  AwaitQueueNotifications(2);
  EXPECT_EQ(Json(Send(id, "", "?seq=1&end=true"))["next_seq"], 2);
  const std::vector<domain::StdinPiece> expected{{bytes}, {.data = "", .is_end = true}};
  EXPECT_EQ(*store_->ReadStdin(id, 0), expected);
  EXPECT_EQ(Json(Request("GET", "/api/v1/runs/" + id))["stdin_open"], false);
}

TEST_F(Stdin, IsToldApartByWhyItIsRefused) {
  const std::string id = SubmitOpen();
  const auto code = [](const Answer& answer) {
    return std::to_string(answer.status) + " " + Json(answer)["code"].get<std::string>();
  };
  EXPECT_EQ(code(Send(id, "x", "?seq=1")), "409 stdin_out_of_order");
  EXPECT_EQ(code(Send(id, "x", "?seq=one")), "400 invalid_query");
  EXPECT_EQ(code(Send(id, "x", "?end=true")), "400 invalid_query");
  EXPECT_EQ(code(Send(id, "x", "?line=1")), "400 invalid_query");
  EXPECT_EQ(code(Send(id, "")), "400 stdin_empty");
  EXPECT_EQ(code(Send(id, "x", "", "text/plain")), "415 unsupported_media_type");
  EXPECT_EQ(code(Send(id, std::string(262'145, 'x'))), "413 stdin_too_large");
  EXPECT_EQ(code(Send(Submit(), "x")), "409 stdin_not_open");
  EXPECT_EQ(code(Send("01j00000000000000000000000", "x")), "404 run_not_found");
  EXPECT_EQ(Send(id, "", "?end=true").status, 202);
  EXPECT_EQ(code(Send(id, "x")), "409 stdin_ended");
  EXPECT_EQ(Request("POST", "/api/v1/runs/" + id + "/cancel").status, 202);
  EXPECT_EQ(code(Send(id, "x")), "409 run_ended");
  EXPECT_EQ(store_->ReadStdin(id, 0)->size(), 1U);
}

TEST_F(Stdin, SaysWhenTheDatabaseIsAway) {
  const std::string id = SubmitOpen();
  store_->SetUnavailable(true);
  EXPECT_EQ(Send(id, "x").status, 503);
  store_->SetUnavailable(false);
  EXPECT_EQ(Send(id, "x", "?seq=0").status, 202);
}

}  // namespace
}  // namespace oneshot::test
