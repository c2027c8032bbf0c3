#include "images/python/runner/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>

namespace oneshot::runner {
namespace {

using testing::Contains;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

Options From(const std::map<std::string, std::string>& environment, bool is_pid_1 = true) {
  return OptionsFrom(
      [&environment](const char* name) -> const char* {
        const auto found = environment.find(name);
        return found == environment.end() ? nullptr : found->second.c_str();
      },
      is_pid_1);
}

TEST(Options, FitTheImageWhenNothingIsSet) {
  const Options options = From({});
  EXPECT_EQ(options.python, "python3");
  EXPECT_EQ(options.code_dir, "/code");
  EXPECT_EQ(options.sandbox, SandboxPolicy::kRequired);
  EXPECT_EQ(options.cgroup, "/sys/fs/cgroup");
  EXPECT_THAT(options.program_environment, Contains("LANG=C.UTF-8"));
  EXPECT_THAT(options.program_environment, Contains("HOME=/code"));
}

TEST(Options, GiveTheProgramNothingOfThePods) {
  const Options options = From({{"KUBERNETES_SERVICE_HOST", "10.0.0.1"},
                                {"HOSTNAME", "pod"},
                                {"ONESHOT_SANDBOX", "best_effort"}});
  for (const char* name : {"KUBERNETES", "HOSTNAME", "ONESHOT"}) {
    EXPECT_THAT(options.program_environment, Not(Contains(StartsWith(name))));
  }
  EXPECT_EQ(options.sandbox, SandboxPolicy::kBestEffort);
}

TEST(Options, LetTheImageSetWhatLibrariesNeed) {
  const Options options =
      From({{"MPLCONFIGDIR", "/var/cache/mpl"}, {"OMP_NUM_THREADS", "4"}, {"PATH", "/opt/bin"}});
  EXPECT_THAT(options.program_environment, Contains("MPLCONFIGDIR=/var/cache/mpl"));
  EXPECT_THAT(options.program_environment, Contains("OMP_NUM_THREADS=4"));
  EXPECT_THAT(options.program_environment, Contains("PATH=/opt/bin"));
}

TEST(Options, GiveARestoreTimeThatIsANumber) {
  EXPECT_EQ(From({}).restore_timeout, 10s);
  EXPECT_EQ(From({{"ONESHOT_RESTORE_TIMEOUT_MS", "60000"}}).restore_timeout, 60s);
  for (const char* none : {"", "0", "-1", "soon", "10s", "99999999999"})
    EXPECT_EQ(From({{"ONESHOT_RESTORE_TIMEOUT_MS", none}}).restore_timeout, 10s) << none;
}

TEST(Options, TrustACgroupOnlyWhereItIsTheContainers) {
  EXPECT_EQ(From({}, /*is_pid_1=*/false).cgroup, "");
  EXPECT_EQ(From({{"ONESHOT_CGROUP", "none"}}).cgroup, "");
  EXPECT_EQ(From({{"ONESHOT_CGROUP", "/mine"}}, /*is_pid_1=*/false).cgroup, "/mine");
}

}  // namespace
}  // namespace oneshot::runner
