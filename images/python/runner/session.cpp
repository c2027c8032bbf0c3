#include "images/python/runner/session.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>
#include <utility>

#include "images/python/runner/files.h"
#include "images/python/runner/input_wait.h"
#include "images/python/runner/processes.h"

namespace oneshot::runner {
namespace {

using protocol::Reason;
using protocol::Stream;
using std::chrono::milliseconds;

/// Small pieces of output share a record when they come within this time; the first is never
/// delayed.
constexpr milliseconds kGathering{10};

/// How long memory use, process count and scratch space may go unwatched.
constexpr milliseconds kLongestUnwatched{100};
constexpr milliseconds kShortestUnwatched{2};

/// How long everything that was killed gets to close its pipes.
constexpr milliseconds kAfterKill{1000};

std::string InSeconds(std::int64_t ms) {
  std::string text = std::to_string(ms / 1000);
  if (ms % 1000 != 0) text += "." + std::to_string(1000 + ms % 1000).substr(1);
  return text + " s";
}

}  // namespace

Session::Session(Options options)
    : options_(std::move(options)),
      commands_(STDIN_FILENO),
      files_(options_.code_dir),
      outbox_(UniqueFd(STDOUT_FILENO)),
      usage_(options_.cgroup) {}

int Session::Run() {
  Prepare();
  while (phase_ != Phase::kEnded) {
    is_interpreter_new_ = false;
    for (const Source source : poller_.Wait(TimeToNextDeadline())) {
      if (phase_ != Phase::kEnded) HandleSource(source);
      // What is left are events of the one before; what is of the others comes again.
      if (is_interpreter_new_) break;
    }
    if (phase_ != Phase::kEnded) HandleDeadlines();
    if (phase_ != Phase::kEnded) FlushRecords();
  }
  return exit_status_;
}

void Session::Prepare() {
  launched_at_ = std::chrono::steady_clock::now();
  termination_log_ =
      UniqueFd(open(options_.termination_log.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));

  sigset_t handled;
  sigemptyset(&handled);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT}) sigaddset(&handled, signal);
  sigprocmask(SIG_BLOCK, &handled, nullptr);
  signal(SIGPIPE, SIG_IGN);
  SetNonBlocking(STDERR_FILENO);  // complaints that nobody reads hold nobody up
  if (sandbox_.landlock == 0)
    Complain("programs run without Landlock, which this kernel does not have");
  signals_ = UniqueFd(signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK));
  AdoptOrphans();

  StartInterpreter(options_.snapshot.empty() ? Interpreter::Origin::kPython
                                             : Interpreter::Origin::kSnapshot);
  if (HasFinished()) return;
  poller_.Watch(Source::kSignals, signals_.Get(), EPOLLIN);
  if (!poller_.Watch(Source::kCommands, STDIN_FILENO, EPOLLIN)) {
    // A file, as in `oneshot-runner < request.json`: it is all there already.
    while (!are_commands_at_end_) ReadCommands();
  }
}

void Session::StartInterpreter(Interpreter::Origin origin) {
  // Closed first: the new process would inherit what is left of the one before, and as long as it
  // had that open, epoll would tell of it.
  interpreter_.reset();
  auto interpreter = Interpreter::Start(options_, origin);
  if (!interpreter) {
    return FinishWithoutProgram(Reason::kRunnerError, interpreter.error().message);
  }
  interpreter_ = *std::move(interpreter);
  is_interpreter_new_ = true;
  input_.emplace(std::move(interpreter_->stdin_pipe));
  restore_deadline_.reset();
  if (origin == Interpreter::Origin::kSnapshot)
    restore_deadline_ = std::chrono::steady_clock::now() + options_.restore_timeout;
  poller_.Watch(Source::kControl, interpreter_->ControlFd(), EPOLLIN);
  poller_.Watch(Source::kProgramStdout, interpreter_->stdout_pipe.Get(), EPOLLIN);
  poller_.Watch(Source::kProgramStderr, interpreter_->stderr_pipe.Get(), EPOLLIN);
}

void Session::HandleSource(Source source) {
  // An event of the program that came together with the one that ended it.
  if (!interpreter_ && source != Source::kCommands && source != Source::kSignals) return;
  switch (source) {
    case Source::kCommands:
      return ReadCommands();
    case Source::kRecords:
      return;  // FlushRecords follows every event
    case Source::kSignals:
      return ReadSignals();
    case Source::kControl:
      return ReadControl();
    case Source::kExits:
      return ReadExits();
    case Source::kDisplays:
      return ReadDisplay();
    case Source::kProgramStdin:
      return input_->Flush();
    case Source::kProgramStdout:
      ReadOutput(Stream::kStdout);
      return;
    case Source::kProgramStderr:
      ReadOutput(Stream::kStderr);
      return;
  }
}

std::optional<milliseconds> Session::TimeToNextDeadline() const {
  std::optional<Time> next;
  for (const auto& deadline : {restore_deadline_, wall_deadline_, next_check_, drain_deadline_,
                               flush_deadline_, end_deadline_}) {
    if (deadline && (!next || *deadline < *next)) next = deadline;
  }
  if (!next) return std::nullopt;
  return std::chrono::ceil<milliseconds>(*next - std::chrono::steady_clock::now());
}

void Session::HandleDeadlines() {
  const Time now = std::chrono::steady_clock::now();
  const auto is_due = [now](std::optional<Time>& deadline) {
    if (!deadline || now < *deadline) return false;
    deadline.reset();
    return true;
  };
  if (is_due(end_deadline_)) {
    if (phase_ == Phase::kLeaving) {
      phase_ = Phase::kEnded;
    } else {
      Leave();
    }
    return;
  }
  if (is_due(restore_deadline_)) {
    snapshot_ = "crashed: not ready in " + InSeconds(options_.restore_timeout.count());
    KillDescendants();
  }
  if (is_due(wall_deadline_)) {
    Stop(Reason::kWallTimeExceeded,
         "wall time limit of " + InSeconds(run_->limits.wall_ms) + " exceeded");
  }
  if (is_due(next_check_)) CheckLimits();
  if (is_due(drain_deadline_)) {
    if (is_drain_forced_) return Finish();
    is_drain_forced_ = true;
    drain_deadline_ = now + kAfterKill;
    KillDescendants();
  }
}

void Session::CheckLimits() {
  const protocol::Limits& limits = run_->limits;
  const auto left = milliseconds(limits.cpu_ms) - usage_.Cpu();
  if (left <= milliseconds(0)) {
    return Stop(Reason::kCpuTimeExceeded,
                "CPU time limit of " + InSeconds(limits.cpu_ms) + " exceeded");
  }
  if (usage_.Tasks() > limits.processes) {
    return Stop(Reason::kProcessLimitExceeded,
                "more than " + std::to_string(limits.processes) + " processes and threads");
  }
  CheckInputWait();
  if (input_wait_ > milliseconds(run_->stdin_idle_ms)) {
    return Stop(Reason::kStdinIdleExceeded,
                "no input for " + InSeconds(run_->stdin_idle_ms) + " in all");
  }
  usage_.SampleMemory();
  if (run_->scratch_bytes > 0 &&
      UsedBytes(options_.scratch_dir) - scratch_used_at_start_ > run_->scratch_bytes) {
    return Stop(Reason::kOutOfMemory,
                "scratch space of " + std::to_string(run_->scratch_bytes) + " bytes exceeded");
  }
  // All cores busy is the fastest that CPU time can pass.
  const auto soonest = std::chrono::duration_cast<milliseconds>(left) /
                       static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  next_check_ =
      std::chrono::steady_clock::now() + std::clamp(soonest, kShortestUnwatched, kLongestUnwatched);
}

void Session::CheckInputWait() {
  if (!run_->stdin_open) return input_awaited_since_.reset();
  const Time now = std::chrono::steady_clock::now();
  const bool is_awaited =
      input_->Waiting() == 0 && IsPipeEmpty(input_->Fd()) && IsReadingStdin(interpreter_->Pid());
  if (is_awaited && input_awaited_since_) {
    const auto more = now - *input_awaited_since_;
    input_wait_ += more;
    if (wall_deadline_) *wall_deadline_ += more;
  }
  input_awaited_since_ = is_awaited ? std::optional(now) : std::nullopt;
}

void Session::FlushRecords() {
  outbox_.Flush();
  if (recorder_) {
    RecordGathered();
    outbox_.Flush();
  }
  WatchWaitingOutputs();
  const bool is_over =
      phase_ == Phase::kLeaving ? outbox_.IsWritten() : HasFinished() && outbox_.IsClosed();
  if (is_over) phase_ = Phase::kEnded;
}

void Session::RecordGathered() {
  flush_deadline_.reset();
  if (!recorder_->HasGathered() || !outbox_.HasRoom()) return;
  const Time now = std::chrono::steady_clock::now();
  if (now - flushed_at_ < kGathering) {
    flush_deadline_ = flushed_at_ + kGathering;
  } else if (recorder_->Flush()) {
    flushed_at_ = now;
  }
}

void Session::WatchWaitingOutputs() {
  // Watched only while something waits: a pipe whose reader left reports that for ever.
  const auto watch = [this](Source source, const WriteQueue& queue) {
    if (queue.Waiting() > 0) {
      poller_.Watch(source, queue.Fd(), EPOLLOUT);
    } else {
      poller_.Forget(queue.Fd());
    }
  };
  watch(Source::kRecords, outbox_.Sink());
  if (input_) watch(Source::kProgramStdin, *input_);
}

bool Session::ReadOutput(Stream stream) {
  UniqueFd& pipe =
      stream == Stream::kStdout ? interpreter_->stdout_pipe : interpreter_->stderr_pipe;
  std::array<char, 64 * 1024> buffer;
  const ssize_t got = pipe ? read(pipe.Get(), buffer.data(), buffer.size()) : -1;
  if (got > 0) {
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
    if (recorder_) {
      recorder_->Take(stream, bytes,
                      base::MillisecondsBetween(started_at_, std::chrono::steady_clock::now()));
    } else {
      Complain("written while preloading: " +
               std::string(bytes));  // a library's warning; no program's output
    }
  } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
    pipe.Reset();
    if (phase_ == Phase::kDraining && !interpreter_->stdout_pipe && !interpreter_->stderr_pipe)
      Finish();
  }
  return got > 0;
}

void Session::DrainOutput() {
  // The largest pipe that the kernel gives to who may not do everything is 1 MiB.
  constexpr int kMostReads = 16;
  for (const Stream stream : {Stream::kStdout, Stream::kStderr}) {
    for (int reads = 0; reads < kMostReads && ReadOutput(stream); ++reads) {
    }
  }
}

void Session::ReadDisplay() {
  auto offer = ReceiveDisplay(interpreter_->displays);
  if (!offer) return;
  // The program waits for the answer: what it wrote before comes before.
  DrainOutput();
  auto display = displays_->Take(*offer);
  const std::string refusal = display ? "" : display.error().message;
  if (display) {
    recorder_->Show(*std::move(display),
                    base::MillisecondsBetween(started_at_, std::chrono::steady_clock::now()));
  }
  AnswerDisplay(interpreter_->displays, refusal);
}

void Session::ReadSignals() {
  signalfd_siginfo info{};
  while (read(signals_.Get(), &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGCHLD) continue;
    // As PID 1, a signal from outside the container carries no sender; from inside it could only be
    // the program's.
    if (getpid() == 1 && (info.ssi_code != SI_USER || info.ssi_pid != 0)) continue;
    is_container_stopping_ = true;
    if (HasFinished()) {
      Leave();
    } else {
      Stop(Reason::kTerminated, "the container was told to stop");
    }
  }
  ReapChildren();
}

void Session::ReapChildren() {
  int status = 0;
  rusage usage{};
  for (pid_t pid = wait4(-1, &status, WNOHANG, &usage); pid > 0;
       pid = wait4(-1, &status, WNOHANG, &usage)) {
    usage_.AddReaped(usage);
    if (interpreter_ && pid == interpreter_->Pid()) HandleProgramEnd(status);
  }
}

}  // namespace oneshot::runner
