#include "images/python/runner/landlock.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace oneshot::runner {
namespace {

// Debian 12's headers know ABI 2; these numbers are kernel interface and never change.
constexpr long kCreateRuleset = 444;
constexpr long kAddRule = 445;
constexpr long kRestrictSelf = 446;
constexpr std::uint32_t kVersionFlag = 1;
constexpr int kRulePathBeneath = 1;

struct RulesetAttributes {
  std::uint64_t handled_file_access;
  std::uint64_t handled_net_access;  // ABI 4
  std::uint64_t scoped;              // ABI 6
};

struct [[gnu::packed]] PathBeneathAttributes {
  std::uint64_t allowed_access;
  std::int32_t parent_fd;
};

constexpr std::uint64_t kWriteFile = 1U << 1;
constexpr std::uint64_t kRemoveDir = 1U << 4;
constexpr std::uint64_t kRemoveFile = 1U << 5;
constexpr std::uint64_t kMakeChar = 1U << 6;
constexpr std::uint64_t kMakeDir = 1U << 7;
constexpr std::uint64_t kMakeReg = 1U << 8;
constexpr std::uint64_t kMakeSock = 1U << 9;
constexpr std::uint64_t kMakeFifo = 1U << 10;
constexpr std::uint64_t kMakeBlock = 1U << 11;
constexpr std::uint64_t kMakeSym = 1U << 12;
constexpr std::uint64_t kRefer = 1U << 13;            // ABI 2
constexpr std::uint64_t kTruncate = 1U << 14;         // ABI 3
constexpr std::uint64_t kIoctlDev = 1U << 15;         // ABI 5
constexpr std::uint64_t kNetTcp = 1U << 0 | 1U << 1;  // bind, connect
constexpr std::uint64_t kScopeAbstractSocketAndSignal = 1U << 0 | 1U << 1;

constexpr std::array<const char*, 4> kWritableDevices = {"/dev/null", "/dev/zero", "/dev/full",
                                                         "/dev/tty"};

std::uint64_t WritingRights(int abi) {
  std::uint64_t rights = kWriteFile | kRemoveDir | kRemoveFile | kMakeChar | kMakeDir | kMakeReg |
                         kMakeSock | kMakeFifo | kMakeBlock | kMakeSym;
  if (abi >= 2) rights |= kRefer;
  if (abi >= 3) rights |= kTruncate;
  if (abi >= 5) rights |= kIoctlDev;
  return rights;
}

base::Error Failure(std::string_view what) {
  return {base::ErrorCode::kUnavailable, std::string(what) + ": " + std::strerror(errno)};
}

/// A path that does not exist needs no permission.
bool Allow(int rules, const char* path, std::uint64_t rights) {
  const UniqueFd target(open(path, O_PATH | O_CLOEXEC));
  if (!target) return true;
  const PathBeneathAttributes attributes{rights, target.Get()};
  return syscall(kAddRule, rules, kRulePathBeneath, &attributes, 0) == 0;
}

}  // namespace

int LandlockAbi() {
  const long abi = syscall(kCreateRuleset, nullptr, 0, kVersionFlag);
  return abi < 0 ? 0 : static_cast<int>(abi);
}

base::Result<UniqueFd> MakeLandlockRules(const std::vector<std::string>& writable_directories) {
  const int abi = LandlockAbi();
  if (abi == 0) return Failure("Landlock is not available");
  const std::uint64_t rights = WritingRights(abi);

  RulesetAttributes attributes{rights, 0, 0};
  if (abi >= 4) attributes.handled_net_access = kNetTcp;
  if (abi >= 6) attributes.scoped = kScopeAbstractSocketAndSignal;
  UniqueFd rules(static_cast<int>(syscall(kCreateRuleset, &attributes, sizeof attributes, 0)));
  if (!rules) return Failure("Landlock rule set");

  const std::uint64_t device_rights = rights & (kWriteFile | kTruncate | kIoctlDev);
  for (const char* device : kWritableDevices) {
    if (!Allow(rules.Get(), device, device_rights)) return Failure("Landlock rule for a device");
  }
  const std::uint64_t directory_rights = rights & ~(kMakeChar | kMakeBlock | kIoctlDev);
  for (const std::string& directory : writable_directories) {
    if (!Allow(rules.Get(), directory.c_str(), directory_rights))
      return Failure("Landlock rule for a directory");
  }
  return rules;
}

base::Result<void> ApplyLandlockRules(const UniqueFd& rules) {
  if (syscall(kRestrictSelf, rules.Get(), 0) != 0) return Failure("Landlock");
  return {};
}

}  // namespace oneshot::runner
