#include "tests/bench/simulation/cluster_process.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <variant>

#include "core/base/sha256.h"
#include "core/protocol/codec.h"
#include "tests/support/autonomous_api_server.h"
#include "tests/support/loopback_tls.h"

namespace oneshot::simulation {
namespace {

using test::AutonomousApiServer;

constexpr const char* kPrinted = "6\n";

/// The server puts the newline there itself.
std::string Line(const protocol::Record& record) {
  std::string line = protocol::Encode(record);
  line.pop_back();
  return line;
}

AutonomousApiServer::Reply Answer(std::string_view line, std::chrono::milliseconds program_time) {
  const auto command = protocol::DecodeCommand(line);
  const auto* run = command ? std::get_if<protocol::RunCommand>(&*command) : nullptr;
  if (run == nullptr) return {};
  base::Sha256 hash;
  hash.Update(kPrinted);
  const std::int64_t size = std::char_traits<char>::length(kPrinted);
  const protocol::Finished finished{.run_id = run->run_id,
                                    .attempt = run->attempt,
                                    .exit_code = 0,
                                    .wall_ms = program_time.count(),
                                    .stdout_totals = {.produced_bytes = size, .kept_bytes = size},
                                    .records = 1,
                                    .sha256 = hash.HexDigest()};
  return {.lines = {Line(protocol::Started{.run_id = run->run_id, .attempt = run->attempt})},
          .exit_code = 0,
          .works = program_time,
          .last_lines = {Line(protocol::Output{.data = kPrinted}), Line(finished)}};
}

[[noreturn]] void Serve(int port_pipe, int lifeline, std::chrono::milliseconds program_time) {
  {
    AutonomousApiServer server(
        {.first_lines = {Line(
             protocol::Ready{.python = "3.11.2", .preloaded = {"numpy"}, .preload_ms = 1})},
         .on_line = [program_time](const nlohmann::json&, std::string_view line) {
           return Answer(line, program_time);
         }});
    const std::uint16_t port = server.Port();
    if (write(port_pipe, &port, sizeof port) != sizeof port) std::_Exit(1);
    char nothing = 0;
    while (read(lifeline, &nothing, 1) > 0) {
    }
  }
  std::_Exit(0);
}

void Must(bool done, const char* what) {
  if (done) return;
  std::perror(what);
  std::exit(1);
}

}  // namespace

ClusterProcess::ClusterProcess(std::chrono::milliseconds program_time) {
  int port_pipe[2];
  int lifeline[2];
  Must(pipe(port_pipe) == 0 && pipe(lifeline) == 0, "pipe");
  test::PrepareLoopbackTls();
  process_ = fork();
  Must(process_ >= 0, "fork");
  if (process_ == 0) {
    close(port_pipe[0]);
    close(lifeline[1]);
    Serve(port_pipe[1], lifeline[0], program_time);
  }
  close(port_pipe[1]);
  close(lifeline[0]);
  lifeline_ = lifeline[1];
  Must(read(port_pipe[0], &port_, sizeof port_) == sizeof port_,
       "the simulated cluster did not start");
  close(port_pipe[0]);
}

ClusterProcess::~ClusterProcess() { StopAndTellCpuSeconds(); }

double ClusterProcess::StopAndTellCpuSeconds() {
  if (process_ < 0) return 0;
  close(lifeline_);
  rusage usage{};
  int status = 0;
  wait4(process_, &status, 0, &usage);
  process_ = -1;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace oneshot::simulation
