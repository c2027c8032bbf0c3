#include "tests/unit/runner/lines_pipe.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string_view>

#include "core/protocol/codec.h"
#include "images/python/runner/files.h"

namespace oneshot::runner {

LinesPipe::LinesPipe() {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) std::abort();
  read_end_ = UniqueFd(ends[0]);
  write_end_ = UniqueFd(ends[1]);
  SetNonBlocking(read_end_.Get());
  signal(SIGPIPE, SIG_IGN);
}

std::vector<protocol::Record> LinesPipe::Read() {
  std::array<char, 65'536> buffer;
  for (ssize_t got = read(read_end_.Get(), buffer.data(), buffer.size()); got > 0;
       got = read(read_end_.Get(), buffer.data(), buffer.size())) {
    unread_.append(buffer.data(), static_cast<std::size_t>(got));
  }
  std::vector<protocol::Record> records;
  std::size_t begin = 0;
  for (auto end = unread_.find('\n'); end != std::string::npos; end = unread_.find('\n', begin)) {
    const auto line = std::string_view(unread_).substr(begin, end - begin);
    const auto record = protocol::DecodeRecord(line);
    EXPECT_TRUE(record) << record.error().message << ": " << line;
    if (record) records.push_back(*record);
    begin = end + 1;
  }
  unread_.erase(0, begin);
  return records;
}

}  // namespace oneshot::runner
