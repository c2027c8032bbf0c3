#include "images/python/runner/recorder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "core/base/sha256.h"
#include "core/protocol/codec.h"
#include "images/python/runner/files.h"
#include "images/python/runner/unique_fd.h"

namespace oneshot::runner {
namespace {

using protocol::Output;
using protocol::Stream;

/// A sink into a pipe, and the records that came out of it.
class RecorderTest : public testing::Test {
 protected:
  RecorderTest() {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) abort();
    read_end_ = UniqueFd(ends[0]);
    write_end_ = UniqueFd(ends[1]);
    SetNonBlocking(read_end_.Get());
  }

  std::vector<Output> Read(WriteQueue& sink) {
    std::string lines;
    do {
      sink.Flush();
      std::array<char, 65'536> buffer;
      for (ssize_t got = read(read_end_.Get(), buffer.data(), buffer.size()); got > 0;
           got = read(read_end_.Get(), buffer.data(), buffer.size())) {
        lines.append(buffer.data(), static_cast<std::size_t>(got));
      }
    } while (sink.Waiting() > 0);
    std::vector<Output> outputs;
    for (auto end = lines.find('\n'); end != std::string::npos; end = lines.find('\n')) {
      const auto record = protocol::DecodeRecord(std::string_view(lines).substr(0, end));
      EXPECT_TRUE(record) << record.error().message;
      outputs.push_back(std::get<Output>(*record));
      lines.erase(0, end + 1);
    }
    EXPECT_EQ(lines, "");
    return outputs;
  }

  UniqueFd read_end_;
  UniqueFd write_end_;
};

TEST_F(RecorderTest, NumbersBothStreamsTogetherAndKeepsTheirOrder) {
  WriteQueue sink(std::move(write_end_));
  Recorder recorder(1000);
  recorder.Take(Stream::kStdout, "a", 1);
  recorder.Take(Stream::kStdout, "b", 2);
  recorder.Take(Stream::kStderr, "c", 3);
  recorder.Take(Stream::kStdout, "d", 4);
  EXPECT_TRUE(recorder.Flush(sink));
  const std::vector<Output> want = {{Stream::kStdout, 0, 1, "ab", 0},
                                    {Stream::kStderr, 1, 3, "c", 0},
                                    {Stream::kStdout, 2, 4, "d", 0}};
  EXPECT_EQ(Read(sink), want);
}

TEST_F(RecorderTest, WaitsForTheRestOfACharacter) {
  WriteQueue sink(std::move(write_end_));
  Recorder recorder(1000);
  recorder.Take(Stream::kStdout, "x\xE2\x82", 1);
  recorder.Flush(sink);
  EXPECT_EQ(Read(sink).at(0).data, "x");
  EXPECT_FALSE(recorder.Flush(sink));
  recorder.Take(Stream::kStdout, "\xAC", 2);
  recorder.Flush(sink);
  EXPECT_EQ(Read(sink).at(0).data, "\xE2\x82\xAC");
  recorder.Take(Stream::kStdout, "\xE2", 3);
  recorder.Finish(sink);
  EXPECT_EQ(Read(sink).at(0).data, "\xE2")
      << "the end of the program completes nothing, and loses nothing";
}

TEST_F(RecorderTest, GathersWhileTheReaderIsSlow) {
  WriteQueue sink(std::move(write_end_));
  Recorder recorder(10 << 20);
  for (int i = 0; i < 200'000; ++i) {
    recorder.Take(Stream::kStdout, "0123456789", i);
    recorder.Flush(sink);
    sink.Flush();
  }
  recorder.Finish(sink);
  const auto outputs = Read(sink);
  std::string all;
  for (const Output& output : outputs) all += output.data;
  EXPECT_EQ(all.size(), 2'000'000U);
  EXPECT_LT(outputs.size(), 3000U)
      << "2 MB in full records, after the first few hundred small ones";
}

TEST_F(RecorderTest, SumsUpWhatItSent) {
  WriteQueue sink(std::move(write_end_));
  Recorder recorder(100);
  recorder.Take(Stream::kStdout, std::string(500, 'a'), 1);
  recorder.Take(Stream::kStderr, "problem", 2);
  recorder.Flush(sink);
  recorder.Finish(sink);
  protocol::Finished finished;
  recorder.Summarize(finished);

  base::Sha256 checksum;
  const auto outputs = Read(sink);
  for (const Output& output : outputs) checksum.Update(output.data);
  EXPECT_EQ(finished.sha256, checksum.HexDigest());
  EXPECT_EQ(finished.records, static_cast<std::int64_t>(outputs.size()));
  EXPECT_EQ(finished.stdout_totals.produced_bytes, 500);
  EXPECT_EQ(finished.stdout_totals.kept_bytes, 75 + 18);
  EXPECT_EQ(finished.stderr_totals.kept_bytes, 7);
  EXPECT_EQ(outputs.at(1).dropped_bytes, 500 - 75 - 18);
}

TEST_F(RecorderTest, DiscardsEverythingOnceTheReaderIsGone) {
  signal(SIGPIPE, SIG_IGN);
  WriteQueue sink(std::move(write_end_));
  Recorder recorder(1000);
  read_end_.Reset();
  recorder.Take(Stream::kStdout, "a", 1);
  recorder.Finish(sink);
  sink.Flush();
  EXPECT_EQ(sink.Waiting(), 0U);
}

}  // namespace
}  // namespace oneshot::runner
