#include "images/python/runner/usage.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace oneshot::runner {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A directory with the files a cgroup has, as far as Usage reads them.
class UsageTest : public testing::Test {
 protected:
  UsageTest() : path_((std::filesystem::temp_directory_path() / "cgroup-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) abort();
  }
  ~UsageTest() override { std::filesystem::remove_all(path_); }

  void Write(const std::string& file, const std::string& content) {
    const std::filesystem::path path = path_ + "/" + file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << content;
  }

  std::string path_;
};

TEST_F(UsageTest, ReadsACgroupOfVersion2) {
  Write("cpu.stat", "usage_usec 5000000\nuser_usec 4000000\nsystem_usec 1000000\n");
  Write("memory.stat", "anon 1000\nfile 500000\nkernel 7\nshmem 30\n");
  Write("memory.events", "low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\noom_group_kill 0\n");
  Write("pids.current", "5\n");
  Usage usage(path_);
  usage.Begin(getpid());
  EXPECT_LE(usage.Cpu(), milliseconds(0)) << "what was used before is not the run's";
  EXPECT_FALSE(usage.HasOutOfMemoryKill());
  EXPECT_EQ(usage.Tasks(), 4) << "without the runner";
  usage.SampleMemory();
  EXPECT_EQ(usage.PeakMemoryBytes(), 1030) << "page cache is nobody's use";

  Write("cpu.stat", "usage_usec 8000000\n");
  Write("memory.stat", "anon 10\nshmem 0\n");
  Write("memory.events", "oom 2\noom_kill 2\n");
  EXPECT_GT(usage.Cpu(), milliseconds(2900));
  EXPECT_LE(usage.Cpu(), seconds(3)) << "less the runner's own";
  usage.SampleMemory();
  EXPECT_EQ(usage.PeakMemoryBytes(), 1030);
  EXPECT_TRUE(usage.HasOutOfMemoryKill());
}

TEST_F(UsageTest, ReadsACgroupOfVersion1) {
  Write("cpu,cpuacct/cpuacct.usage", "5000000000\n");
  Write("memory/memory.stat", "cache 9\nrss 1\ntotal_cache 77\ntotal_rss 2000\ntotal_shmem 48\n");
  Write("memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n");
  Write("pids/pids.current", "3\n");
  Usage usage(path_);
  usage.Begin(getpid());
  Write("cpu,cpuacct/cpuacct.usage", "6000000000\n");
  EXPECT_GT(usage.Cpu(), milliseconds(900));
  usage.SampleMemory();
  EXPECT_EQ(usage.PeakMemoryBytes(), 2048);
  EXPECT_EQ(usage.Tasks(), 2);
  EXPECT_FALSE(usage.HasOutOfMemoryKill());
  Write("memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n");
  EXPECT_TRUE(usage.HasOutOfMemoryKill());
}

TEST_F(UsageTest, CountsReapedAndLivingProcessesWithoutACgroup) {
  Usage usage("");
  usage.Begin(getpid());
  const pid_t child = fork();
  if (child == 0) {
    for (rusage used{}; used.ru_utime.tv_usec < 20'000 && used.ru_utime.tv_sec == 0;)
      getrusage(RUSAGE_SELF, &used);
    pause();
  }
  while (usage.Cpu() < milliseconds(20)) {
  }
  // One, or two where ThreadSanitizer keeps a thread of its own in every process.
  const std::filesystem::directory_iterator tasks("/proc/" + std::to_string(child) + "/task");
  EXPECT_EQ(usage.Tasks(), std::distance(begin(tasks), end(tasks)));
  kill(child, SIGKILL);
  rusage used{};
  wait4(child, nullptr, 0, &used);
  usage.AddReaped(used);
  EXPECT_GE(usage.Cpu(), milliseconds(20));
  EXPECT_GT(usage.PeakMemoryBytes(), 0);
  EXPECT_EQ(usage.Tasks(), 0);
}

}  // namespace
}  // namespace oneshot::runner
