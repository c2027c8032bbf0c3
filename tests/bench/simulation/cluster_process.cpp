#include "tests/bench/simulation/cluster_process.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "tests/support/autonomous_api_server.h"
#include "tests/support/loopback_tls.h"
#include "tests/support/model_runner.h"

namespace oneshot::simulation {
namespace {

using test::AutonomousApiServer;

constexpr const char* kPrinted = "6\n";

AutonomousApiServer::Reply Answer(const std::shared_ptr<test::ModelRunner>& runner,
                                  std::string_view line, std::chrono::milliseconds program_time) {
  test::ModelRunner::Answer answer = runner->OnLine(line);
  AutonomousApiServer::Reply reply{.lines = std::move(answer.lines)};
  if (answer.leaves) reply.exit_code = 0;
  if (!answer.begins) return reply;
  reply.works = program_time;
  reply.then = [runner] {
    std::vector<std::string> lines{runner->Print(kPrinted)};
    lines.push_back(runner->End(protocol::Reason::kExited, 0));
    return AutonomousApiServer::Reply{.lines = std::move(lines)};
  };
  return reply;
}

[[noreturn]] void Serve(int port_pipe, int lifeline, std::chrono::milliseconds program_time) {
  {
    std::map<std::string, std::shared_ptr<test::ModelRunner>> runners;
    AutonomousApiServer server({.first_lines = {test::ModelRunner::ReadyLine()},
                                .on_line = [&](const nlohmann::json& pod, std::string_view line) {
                                  auto& runner = runners[pod.at("metadata").at("name")];
                                  if (!runner) runner = std::make_shared<test::ModelRunner>();
                                  return Answer(runner, line, program_time);
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
