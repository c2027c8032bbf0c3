#include "images/python/runner/command_reader.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>

#include "core/protocol/messages.h"
#include "images/python/runner/files.h"
#include "images/python/runner/unique_fd.h"

namespace oneshot::runner {
namespace {

class CommandReaderTest : public testing::Test {
 protected:
  CommandReaderTest() {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) abort();
    read_end_ = UniqueFd(ends[0]);
    write_end_ = UniqueFd(ends[1]);
    SetNonBlocking(read_end_.Get());
  }

  /// Writes through the pipe and reads until nothing is left.
  CommandReader::Batch Feed(std::string_view bytes) {
    CommandReader::Batch all;
    const auto take = [this, &all] {
      CommandReader::Batch batch = reader().Read();
      for (std::string& line : batch.lines) all.lines.push_back(std::move(line));
      all.too_long += batch.too_long;
      all.is_at_end = batch.is_at_end;
    };
    while (!bytes.empty()) {
      const std::string_view part = bytes.substr(0, 32'768);
      EXPECT_EQ(write(write_end_.Get(), part.data(), part.size()),
                static_cast<ssize_t>(part.size()));
      bytes.remove_prefix(part.size());
      take();
    }
    take();
    return all;
  }

  CommandReader& reader() {
    if (!reader_) reader_.emplace(read_end_.Get());
    return *reader_;
  }

  UniqueFd read_end_;
  UniqueFd write_end_;
  std::optional<CommandReader> reader_;
};

TEST_F(CommandReaderTest, JoinsWhatArrivesInPieces) {
  EXPECT_TRUE(Feed("{\"a\"").lines.empty());
  EXPECT_EQ(Feed(":1}\n{}\n{").lines, (std::vector<std::string>{"{\"a\":1}", "{}"}));
  EXPECT_EQ(Feed("}\n").lines, std::vector<std::string>{"{}"});
}

TEST_F(CommandReaderTest, SkipsALineThatIsTooLongAndGoesOnAfterIt) {
  const auto batch = Feed(std::string(protocol::kMaxCommandLine + 100'000, 'a') + "\n{}\n");
  EXPECT_EQ(batch.lines, std::vector<std::string>{"{}"});
  EXPECT_EQ(batch.too_long, 1U);
}

TEST_F(CommandReaderTest, DropsHalfALineAtTheEnd) {
  EXPECT_FALSE(Feed("{}\n{\"type\"").is_at_end);
  write_end_.Reset();
  const auto batch = Feed("");
  EXPECT_TRUE(batch.is_at_end);
  EXPECT_TRUE(batch.lines.empty());
}

}  // namespace
}  // namespace oneshot::runner
