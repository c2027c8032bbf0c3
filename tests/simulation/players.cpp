#include "tests/simulation/players.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>

namespace oneshot::simulation {
namespace {

/// One process. What it finds comes through a pipe: a line each of seed, invariant and detail.
struct Player {
  pid_t process{-1};
  int findings{-1};
  /// In memory that both processes see.
  volatile std::uint64_t* seed{nullptr};
};

void Send(int pipe, const std::string& line) {
  for (std::size_t sent = 0; sent < line.size();) {
    const ssize_t size = write(pipe, line.data() + sent, line.size() - sent);
    if (size < 0) _exit(1);
    sent += static_cast<std::size_t>(size);
  }
}

std::string ReceiveAll(int pipe) {
  std::string received;
  char buffer[4096];
  for (ssize_t size = 0; (size = read(pipe, buffer, sizeof(buffer))) > 0;)
    received.append(buffer, static_cast<std::size_t>(size));
  close(pipe);
  return received;
}

template <typename Function>
Player Start(const Function& play) {
  Player player;
  void* const shared = mmap(nullptr, sizeof(std::uint64_t), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int ends[2];
  if (shared == MAP_FAILED || pipe(ends) != 0) std::abort();
  player.seed = static_cast<volatile std::uint64_t*>(shared);
  player.process = fork();
  if (player.process < 0) std::abort();
  if (player.process == 0) {
    close(ends[0]);
    play(player, ends[1]);
    _exit(0);
  }
  close(ends[1]);
  player.findings = ends[0];
  return player;
}

}  // namespace

std::vector<Violation> PlayInProcesses(std::uint64_t first, std::uint64_t count, int jobs,
                                       const ScheduleSettings& settings) {
  std::vector<Player> players;
  for (int job = 0; job < jobs; ++job) {
    players.push_back(Start([&](const Player& self, int findings) {
      Equipment equipment;
      for (auto i = static_cast<std::uint64_t>(job); i < count;
           i += static_cast<std::uint64_t>(jobs)) {
        *self.seed = first + i;
        const ScheduleResult result = PlaySchedule(first + i, settings, {}, false, equipment);
        if (result.invariant.empty()) continue;
        Send(findings,
             std::to_string(first + i) + '\t' + result.invariant + '\t' + result.detail + '\n');
      }
    }));
  }
  std::vector<Violation> violations;
  for (const Player& player : players) {
    std::istringstream findings(ReceiveAll(player.findings));
    for (Violation each; findings >> each.seed && findings.get() == '\t' &&
                         std::getline(findings, each.invariant, '\t') &&
                         std::getline(findings, each.detail);) {
      violations.push_back(each);
    }
    int status = 0;
    if (waitpid(player.process, &status, 0) < 0 || status != 0) {
      violations.push_back({.seed = *player.seed,
                            .invariant = std::string(kCrash),
                            .detail = WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "",
                            .schedule = ""});
    }
    munmap(const_cast<std::uint64_t*>(player.seed), sizeof(std::uint64_t));
  }
  return violations;
}

}  // namespace oneshot::simulation
