/// Files that come back from a program: told of in its run, and fetched as what nobody opens.
#include <gmock/gmock.h>

#include "core/domain/display.h"
#include "tests/component/api/running_api.h"

namespace oneshot::test {
namespace {

using nlohmann::json;

class OutputFiles : public RunningApi {
 protected:
  static domain::OutputRecord Whole(std::int64_t seq, domain::Display display,
                                    const std::string& bytes) {
    display.bytes = std::ssize(bytes);
    display.first_seq = display.last_seq = seq;
    domain::OutputRecord record{.seq = seq, .ms = 9};
    record.display = domain::DisplayPart{.data = bytes, .whole = std::move(display)};
    return record;
  }
  static domain::OutputRecord File(std::int64_t seq, int number, const std::string& path,
                                   const std::string& bytes) {
    return Whole(seq, {.number = number, .mime = std::string(domain::kOutputFile), .alt = path},
                 bytes);
  }
  /// A run that prints, shows a figure, and leaves two files.
  std::string Ended() {
    std::string id = Submit();
    ClaimAll();
    Print(id, {Record(0, "printed\n"),
               Whole(1, {.number = 0, .mime = std::string(domain::kPng), .alt = "A title"}, "png"),
               File(2, 0, "plots/ä \"1\".csv", "a,b\n"), File(3, 1, "empty", "")});
    Finish(id);
    return id;
  }
  Answer Get(const std::string& id, const std::string& rest) {
    return Request("GET", "/api/v1/runs/" + id + rest);
  }
};

TEST_F(OutputFiles, AreToldOfApartFromWhatIsShown) {
  const std::string id = Ended();
  const json run = Json(Get(id, "?output=merged"));
  const std::string address = "/api/v1/runs/" + id + "/output-files/";
  EXPECT_EQ(
      run["output_files"],
      json::array(
          {{{"number", 0}, {"path", "plots/ä \"1\".csv"}, {"bytes", 4}, {"url", address + "0"}},
           {{"number", 1}, {"path", "empty"}, {"bytes", 0}, {"url", address + "1"}}}));
  EXPECT_EQ(run["dropped_output_files"], 0);
  ASSERT_EQ(run["displays"].size(), 1U);
  EXPECT_EQ(run["displays"][0]["alt"], "A title");
  EXPECT_EQ(run["merged"].size(), 2U) << "files are no output";
  EXPECT_EQ(run["merged_cut"], false);
  EXPECT_EQ(Json(Request("GET", "/api/v1/runs"))["runs"][0]["output_files"], nullptr);
}

TEST_F(OutputFiles, AreInTheLastEventAlone) {
  const std::string events = Get(Ended(), "/events").body;
  const std::size_t end = events.find("event: end");
  ASSERT_NE(end, std::string::npos);
  EXPECT_GT(events.find("output-files/0"), end);
  EXPECT_LT(events.find("event: display"), end);
  EXPECT_EQ(events.find("event: display"), events.rfind("event: display"));
}

TEST_F(OutputFiles, AreFetchedByteForByteAsAttachments) {
  const std::string id = Ended();
  const Answer answer = Get(id, "/output-files/0");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "a,b\n");
  EXPECT_EQ(answer.headers.at("content-type"), "application/octet-stream");
  EXPECT_EQ(answer.headers.at("content-disposition"),
            "attachment; filename=\"____1_.csv\"; filename*=UTF-8''%C3%A4%20%221%22.csv");
  EXPECT_EQ(answer.headers.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(Get(id, "/output-files/1").body, "");
  EXPECT_EQ(Get(id, "/displays/0").body, "png") << "they are numbered by themselves";
  const std::string tag = answer.headers.at("etag");
  EXPECT_NE(tag, Get(id, "/displays/0").headers.at("etag"));
  EXPECT_EQ(Call(port_, "GET", "/api/v1/runs/" + id + "/output-files/0", "",
                 "If-None-Match: " + tag + "\r\n")
                .status,
            304);
}

TEST_F(OutputFiles, ThatAreNotThereAreNotFound) {
  const std::string id = Ended();
  for (const char* number : {"2", "-1", "00", "plots"}) {
    const Answer answer = Get(id, std::string("/output-files/") + number);
    EXPECT_EQ(answer.status, 404) << number;
    EXPECT_EQ(Json(answer)["code"], "output_file_not_found") << number;
  }
  EXPECT_EQ(Json(Get(id, "/displays/1"))["code"], "display_not_found");
  EXPECT_EQ(Json(Get(id, "/output-files/0?x=1"))["code"], "invalid_query");
}

TEST_F(OutputFiles, OfASharedRunAreAtTheShare) {
  const std::string id = Ended();
  const json share = Json(Request("POST", "/api/v1/shares", json{{"run_id", id}}.dump()));
  const std::string address = "/api/v1/shares/" + share["id"].get<std::string>();
  const json told = Json(Request("GET", address));
  EXPECT_EQ(told["run"]["output_files"][0]["url"], address + "/output-files/0");
  EXPECT_EQ(Request("GET", address + "/output-files/0").body, "a,b\n");
  EXPECT_EQ(Request("GET", address + "/output-files/2").status, 404);
}

TEST_F(OutputFiles, AreAskedForByPatternsThatTheSubmissionTells) {
  const json submission{{"source", ""}, {"outputs", {"*.csv"}}, {"limits", {{"scratch_mib", 8}}}};
  const json run = Json(Request("POST", "/api/v1/runs", submission.dump()));
  EXPECT_EQ(Json(Get(run["id"], "/submission"))["outputs"], json::array({"*.csv"}));
}

}  // namespace
}  // namespace oneshot::test
