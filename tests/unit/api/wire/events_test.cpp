#include "api/wire/events.h"

#include <gtest/gtest.h>

namespace oneshot::api::wire {
namespace {

domain::OutputRecord Record(domain::Stream stream) {
  domain::OutputRecord record;
  record.seq = 7;
  record.stream = stream;
  record.ms = 12;
  return record;
}

TEST(Events, StatusHasAPositionOnlyInTheQueue) {
  EXPECT_EQ(StatusEvent(domain::RunStatus::kQueued, 3, 0),
            "event: status\ndata: {\"status\":\"queued\",\"queue_position\":3,\"attempt\":0}\n\n");
  EXPECT_EQ(
      StatusEvent(domain::RunStatus::kRunning, std::nullopt, 1),
      "event: status\ndata: {\"status\":\"running\",\"queue_position\":null,\"attempt\":1}\n\n");
}

TEST(Events, OutputStaysOnOneLineWhateverItHolds) {
  EXPECT_EQ(OutputEvent(Record(domain::Stream::kStdout), "a\n\ndata: b\r\u2028", EventId{1, 7}),
            "event: stdout\nid: 1-7\ndata: {\"text\":\"a\\n\\ndata: b\\r\u2028\",\"ms\":12}\n\n");
}

TEST(Events, WhatWasDroppedIsTold) {
  domain::OutputRecord record = Record(domain::Stream::kStderr);
  record.dropped_bytes = 99;
  EXPECT_EQ(OutputEvent(record, "x", EventId{2, 7}),
            "event: stderr\nid: 2-7\ndata: {\"text\":\"x\",\"ms\":12,\"dropped_bytes\":99}\n\n");
}

TEST(Events, ADisplayIsSentInItsParts) {
  domain::OutputRecord record = Record(domain::Stream::kDisplay);
  record.mime = "image/png";
  record.part = 1;
  record.parts = 3;
  record.data = "QUJD";
  EXPECT_EQ(DisplayEvent(record, {1, 7}),
            "event: display\nid: 1-7\ndata: "
            "{\"mime\":\"image/png\",\"part\":1,\"parts\":3,\"ms\":12,\"data\":\"QUJD\"}\n\n");
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
