#include "images/python/runner/interpreter.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "images/python/runner/descriptor_message.h"
#include "images/python/runner/files.h"
#include "images/python/runner/sandbox.h"

namespace oneshot::runner {
namespace {

// Where the bootstrap finds its control socket, with the Landlock rules behind it at 4 and the
// socket for what is shown at 5. It closes them before the program's first line; the last one only
// if the program can show nothing.
constexpr int kControlFd = 3;

using Kind = BootstrapMessage::Kind;

constexpr std::string_view kFailedWord = "failed ";
constexpr std::string_view kUnfilteredWord = "unfiltered ";
constexpr std::array<std::pair<std::string_view, Kind>, 5> kWords{
    {{kUnfilteredWord, Kind::kUnfiltered},
     {"snapshot ", Kind::kSnapshot},
     {"preloaded ", Kind::kPreloaded},
     {"ready ", Kind::kReady},
     {kFailedWord, Kind::kFailed}}};

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// The runner blocks and ignores signals; the program must find them as any program does.
void ResetSignals() {
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Puts descriptors at the numbers of their positions and closes all others. Copies upwards first,
/// because a target may be the number of a source that is still to come.
void Arrange(std::vector<int> sources) {
  constexpr int kAbove = 64;
  for (int& source : sources) {
    if (source >= 0) source = fcntl(source, F_DUPFD, kAbove);
  }
  for (std::size_t target = 0; target < sources.size(); ++target) {
    if (sources[target] >= 0) {
      dup2(sources[target], static_cast<int>(target));
    } else {
      close(static_cast<int>(target));
    }
  }
  close_range(static_cast<unsigned>(sources.size()), ~0U, 0);
}

/// Sends a descriptor with a byte that no message begins with.
bool SendDescriptor(int socket, int descriptor) {
  char byte = '\n';
  return SendWithDescriptor(socket, std::span(&byte, 1), descriptor);
}

/// The child's side of the fork; returns only by dying.
[[noreturn]] void Become(const Options& options, Interpreter::Origin origin, pid_t runner,
                         pid_t runner_group, std::array<int, 5> fds) {
  const auto say = [&fds](std::string_view word, const std::string& text) {
    const std::string line = std::string(word) + text + "\n";
    [[maybe_unused]] const ssize_t written = write(fds[3], line.data(), line.size());
  };
  const auto fail = [&say](const std::string& text) {
    say(kFailedWord, text);
    // An exit would wait for the runner's answer, which may have no exit watch.
    kill(getpid(), SIGKILL);
  };
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != runner) _exit(1);
  ResetSignals();
  // Addresses are drawn at random, whoever started us: where they are not, the kernel puts a stack
  // where the snapshot has one.
  personality(PER_LINUX);
  if (chdir(options.code_dir.c_str()) != 0) fail(Failure("directory " + options.code_dir).message);

  auto sandbox = EnterSandbox(options, runner, runner_group);
  if (!sandbox) fail(sandbox.error().message);
  if (!sandbox->unfiltered.empty()) say(kUnfilteredWord, sandbox->unfiltered);
  // Nobody would answer the program's exit.
  if (sandbox->exit_watch && !SendDescriptor(fds[3], sandbox->exit_watch.Get()))
    fail(Failure("the exit watch").message);
  std::vector<std::string> environment = options.program_environment;
  environment.push_back("PYTHONPATH=" + options.bootstrap_dir);
  environment.push_back("ONESHOT_PRELOAD=" + options.preload);
  const bool is_restored = origin == Interpreter::Origin::kSnapshot;
  if (is_restored) {
    environment.push_back("ONESHOT_SNAPSHOT=" + options.snapshot);
    environment.emplace_back("ONESHOT_RESTORE_TRIES=0");
  }
  // As a person would type it, so that Python finds __main__, sys.path[0] and its own name by its
  // own rules.
  std::vector<std::string> arguments{options.python, options.code_dir + "/main.py"};
  Arrange({fds[0], fds[1], fds[2], fds[3], sandbox->landlock_rules.Get(), fds[4]});
  fds[3] = kControlFd;
  // The arguments are Python's in both cases: they are what /proc/self/cmdline shows.
  const std::string& program = is_restored ? options.restorer : options.python;
  execvpe(program.c_str(), Pointers(arguments).data(), Pointers(environment).data());
  fail(Failure(program).message);
  std::abort();  // not reached
}

std::string Field(std::string_view bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  std::string field;
  for (int shift = 24; shift >= 0; shift -= 8) field += static_cast<char>(size >> shift & 0xff);
  field += bytes;
  return field;
}

/// Texts as one field.
std::string Field(const std::vector<std::string>& texts) {
  std::string fields;
  for (const std::string& text : texts) fields += Field(text);
  return Field(fields);
}

}  // namespace

base::Result<Interpreter> Interpreter::Start(const Options& options, Origin origin) {
  std::array<Pipe, 3> pipes;
  for (Pipe& pipe : pipes) {
    std::array<int, 2> ends;
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return Failure("pipe");
    pipe = {UniqueFd(ends[0]), UniqueFd(ends[1])};
  }
  std::array<int, 2> control;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control.data()) != 0)
    return Failure("socketpair");
  UniqueFd our_end(control[0]);
  const UniqueFd their_end(control[1]);
  std::array<int, 2> displays;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, displays.data()) != 0)
    return Failure("socketpair");
  UniqueFd our_displays(displays[0]);
  const UniqueFd their_displays(displays[1]);

  const pid_t runner = getpid();
  const pid_t runner_group = getpgrp();
  Interpreter interpreter;
  interpreter.origin_ = origin;
  interpreter.pid_ = fork();
  if (interpreter.pid_ < 0) return Failure("fork");
  if (interpreter.pid_ == 0) {
    Become(options, origin, runner, runner_group,
           {pipes[0].read_end.Get(), pipes[1].write_end.Get(), pipes[2].write_end.Get(),
            their_end.Get(), their_displays.Get()});
  }
  interpreter.control_ = std::move(our_end);
  interpreter.displays = std::move(our_displays);
  interpreter.stdin_pipe = std::move(pipes[0].write_end);
  interpreter.stdout_pipe = std::move(pipes[1].read_end);
  interpreter.stderr_pipe = std::move(pipes[2].read_end);
  SetNonBlocking(interpreter.stdout_pipe.Get());
  SetNonBlocking(interpreter.stderr_pipe.Get());
  return interpreter;
}

std::vector<BootstrapMessage> Interpreter::Receive() {
  std::array<char, 4096> buffer;
  const ssize_t got = ReceiveWithDescriptor(control_.Get(), buffer, exit_watch);
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) control_.Reset();
  if (got > 0) unread_.append(buffer.data(), static_cast<std::size_t>(got));

  std::vector<BootstrapMessage> messages;
  for (auto end = unread_.find('\n'); end != std::string::npos; end = unread_.find('\n')) {
    const std::string line = unread_.substr(0, end);
    unread_.erase(0, end + 1);
    for (const auto& [word, kind] : kWords) {
      if (line.starts_with(word)) messages.push_back({kind, line.substr(word.size())});
    }
  }
  return messages;
}

bool Interpreter::Begin(const ProgramStart& start) {
  const std::string fields =
      Field(start.is_restricted ? "1" : "0") + Field(start.environment) + Field(start.args) +
      Field(start.display_scale > 0 ? std::to_string(start.display_scale) : "");
  const std::string request = "r" + Field(fields);
  std::string_view rest = request;
  // Blocks at most while the bootstrap reads, which waits for exactly this.
  while (!rest.empty()) {
    const ssize_t sent = send(control_.Get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace oneshot::runner
