#include "images/python/runner/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>

#include "images/python/runner/files.h"

namespace oneshot::runner {
namespace {

/// linux/landlock.h of Debian 12 knows ABI 2, and so only the first member.
struct RulesetAttributes {
  std::uint64_t handled_file_access;
  std::uint64_t handled_net_access;  // ABI 4
  std::uint64_t scoped;              // ABI 6
};

constexpr int kTruncateAbi = 3;
constexpr std::uint64_t kTruncate = 1U << 14;
constexpr std::uint64_t kIoctlDev = 1U << 15;         // ABI 5
constexpr std::uint64_t kNetTcp = 1U << 0 | 1U << 1;  // bind, connect
constexpr std::uint64_t kScopeAbstractSocketAndSignal = 1U << 0 | 1U << 1;

constexpr std::array<const char*, 4> kWritableDevices = {"/dev/null", "/dev/zero", "/dev/full",
                                                         "/dev/tty"};

std::uint64_t WritingRights(int abi) {
  std::uint64_t rights = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                         LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                         LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                         LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                         LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
  if (abi >= 2) rights |= LANDLOCK_ACCESS_FS_REFER;
  if (abi >= kTruncateAbi) rights |= kTruncate;
  if (abi >= 5) rights |= kIoctlDev;
  return rights;
}

/// A path that does not exist needs no permission.
bool Allow(int rules, const char* path, std::uint64_t rights) {
  const UniqueFd target(open(path, O_PATH | O_CLOEXEC));
  if (!target) return true;
  const landlock_path_beneath_attr attributes{rights, target.Get()};
  return syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &attributes, 0) == 0;
}

}  // namespace

int LandlockAbi() {
  const long abi =
      syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return abi < 0 ? 0 : static_cast<int>(abi);
}

bool LandlockCoversTruncate() { return LandlockAbi() >= kTruncateAbi; }

base::Result<UniqueFd> MakeLandlockRules(const std::vector<std::string>& writable_directories) {
  const int abi = LandlockAbi();
  if (abi == 0) return Failure("Landlock is not available");
  const std::uint64_t rights = WritingRights(abi);

  RulesetAttributes attributes{rights, 0, 0};
  if (abi >= 4) attributes.handled_net_access = kNetTcp;
  if (abi >= 6) attributes.scoped = kScopeAbstractSocketAndSignal;
  UniqueFd rules(
      static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
  if (!rules) return Failure("Landlock rule set");

  const std::uint64_t device_rights =
      rights & (LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate | kIoctlDev);
  for (const char* device : kWritableDevices) {
    if (!Allow(rules.Get(), device, device_rights)) return Failure("Landlock rule for a device");
  }
  const std::uint64_t directory_rights =
      rights & ~(LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK | kIoctlDev);
  for (const std::string& directory : writable_directories) {
    if (!Allow(rules.Get(), directory.c_str(), directory_rights))
      return Failure("Landlock rule for a directory");
  }
  return rules;
}

base::Result<void> ApplyLandlockRules(const UniqueFd& rules) {
  if (syscall(SYS_landlock_restrict_self, rules.Get(), 0) != 0) return Failure("Landlock");
  return {};
}

}  // namespace oneshot::runner
