#include "api/wire/events.h"

#include <gtest/gtest.h>

namespace oneshot::api::wire {
namespace {

TEST(Events, StatusHasAPositionOnlyInTheQueue) {
  EXPECT_EQ(
      StatusEvent({.queue_position = 3, .starts_in = base::Milliseconds(1500)}),
      "event: status\ndata: {\"status\":\"queued\",\"queue_position\":3,\"starts_in_ms\":1500,"
      "\"attempt\":0,"
      "\"message\":null,\"interruptions\":0}\n\n");
  EXPECT_EQ(
      StatusEvent({.status = domain::RunStatus::kRunning, .attempt = 1}),
      "event: status\ndata: {\"status\":\"running\",\"queue_position\":null,\"starts_in_ms\":null,"
      "\"attempt\":1,"
      "\"message\":null,\"interruptions\":0}\n\n");
}

TEST(Events, StatusTellsWhyARunWaits) {
  EXPECT_EQ(
      StatusEvent({.queue_position = 1, .attempt = 2, .message = "bad \xff", .interruptions = 2}),
      "event: status\ndata: "
      "{\"status\":\"queued\",\"queue_position\":1,\"starts_in_ms\":null,\"attempt\":2,"
      "\"message\":\"bad \xEF\xBF\xBD\",\"interruptions\":2}\n\n");
}

TEST(Events, OutputStaysOnOneLineWhateverItHolds) {
  EXPECT_EQ(OutputEvent({}, 12, "a\n\ndata: b\r\u2028", EventId{1, 7}),
            "event: stdout\nid: 1-7\ndata: {\"text\":\"a\\n\\ndata: b\\r\u2028\",\"ms\":12}\n\n");
}

TEST(Events, OnlyTheLastPieceOfARecordHasItsId) {
  EXPECT_EQ(OutputEvent({}, 12, "a", std::nullopt),
            "event: stdout\ndata: {\"text\":\"a\",\"ms\":12}\n\n");
}

TEST(Events, WhatWasDroppedIsTold) {
  const domain::OutputPiece piece{.stream = domain::Stream::kStderr, .dropped_bytes = 99};
  EXPECT_EQ(OutputEvent(piece, 12, "x", EventId{2, 7}),
            "event: stderr\nid: 2-7\ndata: {\"text\":\"x\",\"ms\":12,\"dropped_bytes\":99}\n\n");
}

TEST(Events, ADisplayIsToldWithItsAddressAndWithoutItsBytes) {
  domain::Display display{
      .number = 3, .mime = "image/png", .width = 640, .height = 480, .alt = "A \"b\"", .bytes = 9};
  EXPECT_EQ(DisplayEvent("01", display, 12, {1, 7}),
            "event: display\nid: 1-7\ndata: {\"number\":3,\"mime\":\"image/png\",\"width\":640,"
            "\"height\":480,\"alt\":\"A \\\"b\\\"\",\"bytes\":9,"
            "\"url\":\"/api/v1/runs/01/displays/3\",\"ms\":12}\n\n");
  display.mime = domain::kTable;
  EXPECT_NE(DisplayEvent("01", display, 12, {1, 7}).find("\"width\":null,\"height\":null"),
            std::string::npos);
}

TEST(EventId, ComesBackOrIsNone) {
  EXPECT_EQ(ParseEventId("2-17"), (EventId{2, 17}));
  for (const char* text :
       {"", "-", "1", "1-", "-1", "a-b", "1-2-3", "1--2", " 1-2", "1-2 ", "99999999999999-1"}) {
    EXPECT_EQ(ParseEventId(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace oneshot::api::wire
