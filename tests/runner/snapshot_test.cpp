// Restored from a snapshot: what is used, what is refused and ends in a plain start, and what must
// differ between two processes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "images/python/snapshot/format.h"
#include "tests/runner/runner_process.h"

namespace oneshot::runner {
namespace {

using protocol::Reason;
using snapshot::Header;
using testing::HasSubstr;

std::string WhatBecameOf(const RunResult& result) {
  return result.All<protocol::Ready>().at(0).snapshot;
}

RunResult RunWith(const Snapshot& snapshot, const std::string& source,
                  std::vector<std::string> environment = {}) {
  return Execute(Program(source),
                 {.preload = "json", .snapshot = &snapshot, .environment = std::move(environment)});
}

/// Changes the header in the file; the checksum is made to fit again.
void Change(const Snapshot& snapshot, const std::function<void(Header&)>& change) {
  std::fstream file(snapshot.Path(), std::ios::binary | std::ios::in | std::ios::out);
  std::vector<std::uint64_t> space(snapshot::kHeaderSpace / sizeof(std::uint64_t));
  file.read(reinterpret_cast<char*>(space.data()), snapshot::kHeaderSpace);
  Header& header = *reinterpret_cast<Header*>(space.data());
  change(header);
  constexpr std::size_t kFrom = offsetof(Header, header_bytes) / sizeof(std::uint64_t);
  header.checksum =
      snapshot::Checksum(space.data() + kFrom, header.header_bytes / sizeof(std::uint64_t) - kFrom);
  file.seekp(0);
  file.write(reinterpret_cast<const char*>(space.data()), snapshot::kHeaderSpace);
}

/// The program runs all the same, and what it is told is whole.
void ExpectPlainStart(const RunResult& result, const std::string& why) {
  EXPECT_EQ(result.out, "{\"a\": 1}\n");
  EXPECT_EQ(result.finished.reason, Reason::kExited);
  EXPECT_EQ(WhatBecameOf(result), why);
  EXPECT_THAT(result.complaints, HasSubstr("started without the snapshot: " + why));
}

constexpr const char* kUseJson = "import json; print(json.dumps({'a': 1}))";

class SnapshotTest : public testing::Test {
 protected:
  const Snapshot snapshot_{"json,random,ssl,tempfile,uuid,multiprocessing.process,hashlib"};
};

TEST_F(SnapshotTest, IsRestored) {
  const RunResult result = RunWith(snapshot_, kUseJson);
  EXPECT_EQ(result.out, "{\"a\": 1}\n");
  EXPECT_EQ(WhatBecameOf(result), "restored");
  EXPECT_THAT(result.All<protocol::Ready>().at(0).preloaded, testing::Contains("json"));
  EXPECT_EQ(result.complaints, "");
}

// A build in the background of a shell, or under nohup.
TEST(Snapshot, CarriesNoSignalsThatTheBuildIgnores) {
  const auto interrupt = signal(SIGINT, SIG_IGN);
  const auto hang_up = signal(SIGHUP, SIG_IGN);
  const Snapshot snapshot("json");
  signal(SIGINT, interrupt);
  signal(SIGHUP, hang_up);
  const RunResult result = RunWith(snapshot, R"(
import signal
print(signal.getsignal(signal.SIGINT).__name__, signal.getsignal(signal.SIGHUP).name)
)");
  EXPECT_EQ(result.out, "default_int_handler SIG_DFL\n") << result.err;
  EXPECT_EQ(WhatBecameOf(result), "restored");
}

TEST_F(SnapshotTest, StartsPlainlyWhenThereIsNone) {
  std::filesystem::remove(snapshot_.Path());
  ExpectPlainStart(RunWith(snapshot_, kUseJson), "refused: the snapshot cannot be opened");
}

TEST_F(SnapshotTest, StartsPlainlyWhereThereIsNoRestorer) {
  ExpectPlainStart(RunWith(snapshot_, kUseJson, {"ONESHOT_RESTORER=/nowhere"}),
                   "refused: /nowhere: No such file or directory");
}

TEST_F(SnapshotTest, StartsPlainlyWhenItIsShort) {
  std::filesystem::resize_file(snapshot_.Path(), 1000);
  ExpectPlainStart(RunWith(snapshot_, kUseJson), "refused: the snapshot is too short");
}

TEST_F(SnapshotTest, StartsPlainlyWhenPagesAreMissing) {
  std::filesystem::resize_file(snapshot_.Path(), std::filesystem::file_size(snapshot_.Path()) - 1);
  ExpectPlainStart(RunWith(snapshot_, kUseJson), "refused: the snapshot is not whole");
}

TEST_F(SnapshotTest, StartsPlainlyWhenItIsForeign) {
  Change(snapshot_, [](Header& header) { header.magic = 1; });
  ExpectPlainStart(RunWith(snapshot_, kUseJson), "refused: the file is no snapshot");
}

TEST_F(SnapshotTest, StartsPlainlyWhenItHasAnotherVersion) {
  Change(snapshot_, [](Header& header) { ++header.version; });
  ExpectPlainStart(RunWith(snapshot_, kUseJson), "refused: the snapshot has another version");
}

TEST_F(SnapshotTest, StartsPlainlyWhenItIsDamaged) {
  std::fstream file(snapshot_.Path(), std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(sizeof(Header) + 100);
  file.write("\xff\xff\xff\xff", 4);
  file.close();
  ExpectPlainStart(RunWith(snapshot_, kUseJson), "refused: the snapshot is damaged");
}

TEST_F(SnapshotTest, StartsPlainlyOnACpuThatLacksAFeature) {
  Change(snapshot_, [](Header& header) { header.cpu.bits[0] = ~0U; });
  ExpectPlainStart(RunWith(snapshot_, kUseJson), "refused: the CPU lacks a feature");
}

TEST_F(SnapshotTest, StartsPlainlyOnAnotherVendorsCpu) {
  Change(snapshot_, [](Header& header) { ++header.cpu.vendor[0]; });
  ExpectPlainStart(RunWith(snapshot_, kUseJson), "refused: the CPU is another vendor's");
}

TEST_F(SnapshotTest, StartsPlainlyInAnotherEnvironment) {
  ExpectPlainStart(RunWith(snapshot_, kUseJson, {"LANG=C"}),
                   "refused: an environment variable differs");
  ExpectPlainStart(RunWith(snapshot_, kUseJson, {"MPLCONFIGDIR=/nowhere"}),
                   "refused: an environment variable differs");
}

snapshot::File& FirstFile(Header& header) {
  return *reinterpret_cast<snapshot::File*>(reinterpret_cast<char*>(&header) + header.files.offset);
}

TEST_F(SnapshotTest, StartsPlainlyWhenAFileHasChanged) {
  Change(snapshot_, [](Header& header) { ++FirstFile(header).bytes; });
  ExpectPlainStart(RunWith(snapshot_, kUseJson), "refused: a file has changed since the snapshot");
  Change(snapshot_, [](Header& header) { --FirstFile(header).bytes; });
  Change(snapshot_, [](Header& header) { ++FirstFile(header).modified; });
  ExpectPlainStart(RunWith(snapshot_, kUseJson), "refused: a file has changed since the snapshot");
}

TEST_F(SnapshotTest, StartsPlainlyWhenAFileIsMissing) {
  Change(snapshot_, [](Header& header) {
    FirstFile(header).path_offset = header.environment.offset;  // "NAME=value" is no file
  });
  ExpectPlainStart(RunWith(snapshot_, kUseJson), "refused: a file of the snapshot is missing");
}

TEST_F(SnapshotTest, HoldsNothingOfTheMachineThatTookIt) {
  std::ifstream file(snapshot_.Path(), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  EXPECT_GT(bytes.size(), snapshot::kHeaderSpace);
  EXPECT_THAT(bytes, HasSubstr("json"));
  // From the environment of take.py, see runner_process.cpp.
  EXPECT_EQ(bytes.find(kSecretOfTheBuild), std::string::npos);
  std::string host(256, '\0');
  ASSERT_EQ(gethostname(host.data(), host.size()), 0);
  host.resize(host.find('\0'));
  // Shorter names are found everywhere.
  EXPECT_TRUE(host.size() < 10 || bytes.find(host) == std::string::npos) << host;
}

TEST_F(SnapshotTest, StartsPlainlyWhenTheKernelRefusesAnAddress) {
  Change(snapshot_, [](Header& header) {
    auto* first = reinterpret_cast<snapshot::Region*>(reinterpret_cast<char*>(&header) +
                                                      header.regions.offset);
    first->address = 0;
  });
  ExpectPlainStart(RunWith(snapshot_, kUseJson), "refused: the kernel refused a mapping");
}

TEST_F(SnapshotTest, StartsPlainlyOnceWhenItCrashes) {
  Change(snapshot_, [](Header& header) { header.registers.rip = 0; });
  const RunResult result = RunWith(snapshot_, kUseJson);
  EXPECT_EQ(result.out, "{\"a\": 1}\n");
  EXPECT_EQ(WhatBecameOf(result), "crashed: it ended with wait status 11");
}

TEST_F(SnapshotTest, StartsPlainlyOnceWhenItHangs) {
  const TemporaryDirectory directory;
  const std::string restorer = directory.Path() + "/restorer";
  std::ofstream(restorer) << "#!/bin/sh\nexec sleep 1000\n";
  ASSERT_EQ(chmod(restorer.c_str(), 0755), 0);
  const RunResult result = RunWith(
      snapshot_, kUseJson, {"ONESHOT_RESTORER=" + restorer, "ONESHOT_RESTORE_TIMEOUT_MS=200"});
  EXPECT_EQ(result.out, "{\"a\": 1}\n");
  EXPECT_EQ(WhatBecameOf(result), "crashed: not ready in 0.200 s");
}

TEST_F(SnapshotTest, TakesARunThatComesBeforeItIsRefused) {
  std::filesystem::remove(snapshot_.Path());
  RunnerProcess runner({.preload = "json", .snapshot = &snapshot_});
  runner.Send(Program(kUseJson));
  ExpectPlainStart(runner.Finish(), "refused: the snapshot cannot be opened");
}

TEST_F(SnapshotTest, TimeZoneAndScratchSpaceAreTheRuns) {
  protocol::RunCommand command = Program(
      "import os, tempfile, time\nprint(time.tzname[0], os.environ['TZ'], tempfile.gettempdir())");
  command.scratch_bytes = 1 << 20;
  const RunResult result =
      Execute(command, {.snapshot = &snapshot_, .environment = {"TZ=Asia/Tokyo"}});
  EXPECT_EQ(result.out, "JST Asia/Tokyo /dev/shm\n");
  EXPECT_EQ(WhatBecameOf(result), "restored");
}

TEST_F(SnapshotTest, NothingRandomIsTheSameTwice) {
  constexpr const char* kDraw = R"(
import hashlib, multiprocessing, os, random, secrets, ssl, tempfile, uuid
for drawn in (random.random(), random.Random().random(), secrets.token_hex(), ssl.RAND_bytes(8),
              uuid.uuid4(), uuid.uuid1(), next(tempfile._get_candidate_names()),
              bytes(multiprocessing.current_process().authkey), os.urandom(8)):
    print(repr(drawn))
)";
  std::set<std::string> drawn;
  std::size_t lines = 0;
  for (int i = 0; i < 3; ++i) {
    const RunResult result = RunWith(snapshot_, kDraw);
    ASSERT_EQ(WhatBecameOf(result), "restored");
    std::istringstream text(result.out);
    for (std::string line; std::getline(text, line); ++lines) drawn.insert(line);
  }
  EXPECT_EQ(lines, 27U);
  EXPECT_EQ(drawn.size(), lines);
}

TEST_F(SnapshotTest, ExitStatusIsTheProgramsWhereverItEnds) {
  const std::vector<std::pair<const char*, int>> programs = {
      {"", 0},
      {"import sys; sys.exit(7)", 7},
      {"import sys; sys.exit('why')", 1},
      {"1/0", 1},
      {"import os; os._exit(9)", 9},
      {"import atexit, os; atexit.register(os._exit, 5)", 5},
      {"import sys, os; os.close(1); sys.stdout.write('lost')", 120},
      {"import threading; threading.Thread(target=lambda: print('end')).start()", 0},
      {"import threading, time, sys\n"
       "threading.Thread(target=time.sleep, args=[100], daemon=True).start()\n"
       "sys.exit(3)",
       3},
  };
  for (const auto& [source, status] : programs) {
    const RunResult result = RunWith(snapshot_, source);
    EXPECT_EQ(result.finished.exit_code, status) << source;
    EXPECT_EQ(WhatBecameOf(result), "restored");
  }
}

}  // namespace
}  // namespace oneshot::runner
