// What a program shows: in its place among what it prints, and only where it was asked for.

#include "core/domain/display.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/runner/runner_process.h"

namespace oneshot::runner {
namespace {

using protocol::Display;
using testing::HasSubstr;

// A class whose objects have an image; pads it to `size` bytes.
constexpr const char* kImage = R"(
import struct, sys, zlib
class Image:
    def __init__(self, width=4, height=2, size=0):
        def chunk(kind, data):
            return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
        begin = b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 6, 0, 0, 0))
        end = chunk(b'IEND', b'')
        self.png = begin + b'x' * (size - len(begin) - len(end)) + end
    def _repr_png_(self):
        return self.png
)";

protocol::RunCommand Showing(const std::string& source) {
  protocol::RunCommand command = Program(kImage + source);
  command.display_scale = 1;
  return command;
}

/// What was printed and shown, in order.
std::string Order(const RunResult& result) {
  std::string order;
  for (const protocol::Record& record : result.records) {
    if (const auto* output = std::get_if<protocol::Output>(&record)) {
      for (const protocol::Piece& piece : output->pieces)
        order += (piece.stream == protocol::Stream::kStdout ? "o:" : "e:") + piece.data;
    }
    const auto* display = std::get_if<Display>(&record);
    if (display != nullptr && display->part + 1 == display->parts)
      order += "[" + std::to_string(display->number) + "]\n";
  }
  return order;
}

TEST(RunnerDisplay, KeepsItsPlaceAmongWhatIsPrinted) {
  const RunResult result = Execute(Showing(R"(
print('before', end=''); display(Image())
sys.stderr.write('between\n'); display(Image(), Image())
print('after')
)"));
  EXPECT_EQ(Order(result), "o:before[0]\ne:between\n[1]\n[2]\no:after\n");
  EXPECT_EQ(result.finished.dropped_displays, 0);
  const Display first = result.All<Display>().at(0);
  EXPECT_EQ(first.mime, "image/png");
  EXPECT_EQ(first.width, 4);
  EXPECT_EQ(first.height, 2);
  EXPECT_EQ(first.bytes, std::ssize(first.data));
  EXPECT_EQ(first.alt, "A picture: Image");
}

TEST(RunnerDisplay, ComesWholeHoweverLongItIs) {
  const RunResult result =
      Execute(Showing("display(Image(size=2 << 20)); print(len(Image(size=2 << 20).png))"));
  std::string data;
  for (const Display& part : result.All<Display>()) data += part.data;
  EXPECT_EQ(data.size(), 2U << 20);
  EXPECT_THAT(data, testing::StartsWith("\x89PNG"));
  EXPECT_THAT(data, testing::EndsWith("\xae\x42\x60\x82"));
  EXPECT_EQ(result.All<Display>().back().bytes, 2 << 20);
  EXPECT_EQ(result.out, "2097152\n");
}

TEST(RunnerDisplay, IsSaidAgainToWhoeverResumes) {
  RunnerProcess runner({.acknowledges = false});
  runner.Send(Showing("display(Image(size=20_000)); print('x')"));
  runner.WaitFor<protocol::Finished>();
  runner.Send(protocol::ResumeCommand{0});
  runner.CloseStdin();
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.All<Display>().size(), 6U) << "three parts, twice";
}

TEST(RunnerDisplay, TellsTheProgramWhatIsNotShownAndWhy) {
  const RunResult result = Execute(Showing(R"(
display(Image(5000, 5000))
display(Image(size=(2 << 20) + 1))
for i in range(21): display(Image())
)"));
  EXPECT_THAT(result.err,
              HasSubstr("UserWarning: a picture is not shown: it has 5000 x 5000 pixels"));
  EXPECT_THAT(result.err, HasSubstr("it has 2097153 bytes; the limit is 2097152"));
  EXPECT_THAT(result.err, HasSubstr("a run can show at most 20 figures and tables"));
  EXPECT_THAT(result.err, HasSubstr("  display(Image(5000, 5000))\n"))
      << "the line that wanted to show it";
  EXPECT_EQ(result.finished.dropped_displays, 3);
  EXPECT_EQ(result.finished.exit_code, 0);
}

TEST(RunnerDisplay, PrintsWhatHasNoImage) {
  EXPECT_EQ(
      Execute(
          Showing(
              "display('text', 3)\nclass A:\n  def __repr__(self): return 'an A'\ndisplay(A())"))
          .out,
      "'text'\n3\nan A\n");
}

TEST(RunnerDisplay, ShowsWhatForkedProcessesShow) {
  const RunResult result = Execute(Showing(R"(
import multiprocessing
def show(): display(Image())
if __name__ == '__main__':
    process = multiprocessing.get_context('fork').Process(target=show)
    process.start(); process.join()
    print(process.exitcode); display(Image())
)"));
  EXPECT_EQ(Order(result), "[0]\no:0\n[1]\n") << result.err;
}

TEST(RunnerDisplay, IsThereOnlyWhereItWasAskedFor) {
  protocol::RunCommand command = Showing(R"(
import os
print('display' in dir(__builtins__), sorted(map(int, os.listdir('/proc/self/fd')))[:4])
)");
  EXPECT_THAT(Execute(command).out, HasSubstr("True [0, 1, 2, 3]")) << "and its own at the end";
  command.display_scale = 0;
  EXPECT_EQ(Execute(command).out, "False [0, 1, 2, 3]\n");
}

// ---- programs that mean harm, on the descriptor itself

constexpr const char* kRaw = R"(
import json, os, socket
raw = socket.socket(fileno=1023)
def offer(description, *files):
    socket.send_fds(raw, [description], list(files))
    return raw.recv(4096).decode()
def file(content):
    one = os.memfd_create('x'); os.write(one, content); return one
)";

TEST(RunnerDisplay, RefusesWhatIsNotOffered) {
  const RunResult result = Execute(Showing(std::string(kRaw) + R"(
print(offer(b'{"mime": "image/png"}'))
print(offer(b'{"mime": "image/png"}', os.pipe()[0]))
print(offer(b'{"mime": "text/html"}', file(b'<script>')))
print(offer(b'x' * 100_000, file(Image().png)))
print(offer(b'{"mime": "image/png"}', file(Image().png), *os.pipe()))
)"));
  EXPECT_EQ(result.out,
            "its bytes are not in a memory file\nits bytes are not in a memory file\n"
            "its type is not one that can be shown\nits description is not a JSON object\nshown\n")
      << result.err;
}

TEST(RunnerDisplay, SurvivesAProgramThatReadsNoAnswers) {
  const RunResult result = Execute(Showing(std::string(kRaw) + R"(
raw.settimeout(10)
for i in range(2000):
    socket.send_fds(raw, [b'{}'], [file(b'')])
    os.closerange(4, 1000)
print('done')
)"));
  EXPECT_EQ(result.out, "done\n") << result.err;
  EXPECT_GT(result.finished.dropped_displays, 0) << "the last ones may still be on their way";
}

TEST(RunnerDisplay, EndsWhereTheProgramClosesIt) {
  const RunResult result =
      Execute(Showing("import os\nos.close(1023)\ndisplay(Image())\nprint('on')"));
  EXPECT_EQ(result.out, "on\n");
  EXPECT_THAT(result.err, HasSubstr("is not shown: Bad file descriptor"));
}

TEST(RunnerDisplay, WritesThatNeverEndDoNotHoldItUp) {
  protocol::RunCommand command = Showing(R"(
import os, threading
def flood():
    while True: os.write(1, b'x' * 65536)
threading.Thread(target=flood, daemon=True).start()
for i in range(5): display(Image())
os._exit(0)
)");
  command.limits.output_bytes = 1 << 20;
  EXPECT_EQ(Execute(command).All<Display>().size(), 5U);
}

}  // namespace
}  // namespace oneshot::runner
