#include "tests/runner/runner_process.h"

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "core/base/sha256.h"
#include "core/protocol/codec.h"

namespace oneshot::runner {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPath = "PATH=/usr/local/bin:/usr/bin:/bin";

/// Far above anything a test needs; reached only when something hangs.
constexpr std::chrono::seconds kPatience{60};

std::string Content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Runner and bootstrap where any user may read them, which a checkout need not be.
class Installation {
 public:
  Installation() {
    fs::copy_file(ONESHOT_RUNNER, Runner());
    fs::create_directory(Bootstrap());
    for (const auto& file : fs::directory_iterator(ONESHOT_BOOTSTRAP)) {
      if (file.path().extension() == ".py") fs::copy(file, Bootstrap());
    }
#ifdef ONESHOT_RESTORER
    fs::copy_file(ONESHOT_RESTORER, Restorer());
    fs::copy_file(ONESHOT_QUICK_EXIT, Bootstrap() + "/oneshot_quick_exit.so");
#endif
  }
  std::string Restorer() const { return directory_.Path() + "/oneshot-restore"; }
  std::string Runner() const { return directory_.Path() + "/oneshot-runner"; }
  std::string Bootstrap() const { return directory_.Path() + "/bootstrap"; }

 private:
  TemporaryDirectory directory_;
};

const Installation& Installed() {
  static const Installation kInstallation;
  return kInstallation;
}

}  // namespace

TemporaryDirectory::TemporaryDirectory()
    : path_((fs::temp_directory_path() / "oneshot-XXXXXX").string()) {
  if (mkdtemp(path_.data()) == nullptr || chmod(path_.c_str(), 0777) != 0) std::abort();
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

bool HasEnded(pid_t pid) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    const std::string stat = Content("/proc/" + std::to_string(pid) + "/stat");
    const auto name_end = stat.rfind(") ");
    if (name_end == std::string::npos || stat[name_end + 2] == 'Z') return true;
  }
  return false;
}

bool HasNoChildren(pid_t pid) {
  const std::string task = std::to_string(pid);
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    if (Content("/proc/" + task + "/task/" + task + "/children").empty()) return true;
  }
  return false;
}

std::string PythonUnderTest() {
  const char* chosen = std::getenv("ONESHOT_TEST_PYTHON");
  return chosen != nullptr ? chosen : "/usr/bin/python3";
}

void DropPrivileges() {
  if (geteuid() != 0) return;
  if (setgroups(0, nullptr) != 0 || setgid(kPodUser) != 0 || setuid(kPodUser) != 0) _exit(97);
}

Snapshot::Snapshot(const std::string& modules) {
  const std::string command =
      std::string("env -i SECRET=") + kSecretOfTheBuild + " " + kPath +
      " ONESHOT_PYTHON=" + PythonUnderTest() + " ONESHOT_BOOTSTRAP_DIR=" + Installed().Bootstrap() +
      " ONESHOT_CODE_DIR=" + CodeDirectory() + " ONESHOT_RESTORER=" + Installed().Restorer() +
      " ONESHOT_RUNNER=" + Installed().Runner() + " " + PythonUnderTest() +
      " -B " ONESHOT_TAKE_SNAPSHOT " --modules " + modules + " " + Path();
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
}

RunnerProcess::RunnerProcess(Setup setup)
    : snapshot_(setup.snapshot), acknowledges_(setup.acknowledges) {
  if (setup.python.empty()) setup.python = PythonUnderTest();
  const std::string log = outside_.Path() + "/termination-log";
  std::ofstream(log).flush();
  chmod(log.c_str(), 0666);

  std::vector<std::string> environment = {
      kPath, "ONESHOT_PYTHON=" + setup.python, "ONESHOT_BOOTSTRAP_DIR=" + Installed().Bootstrap(),
      "ONESHOT_CODE_DIR=" + CodeDirectory(), "ONESHOT_PRELOAD=" + setup.preload,
      "ONESHOT_TERMINATION_LOG=" + log, "ONESHOT_CGROUP=none",
      "ASAN_OPTIONS=detect_leaks=0",  // the leak checker traces its own process, which is not
                                      // dumpable
      "SECRET_OF_THE_POD=1"};
  if (snapshot_ != nullptr) {
    environment.push_back("ONESHOT_SNAPSHOT=" + snapshot_->Path());
    environment.push_back("ONESHOT_RESTORER=" + Installed().Restorer());
  }
  // The first of a name counts.
  environment.insert(environment.begin(), setup.environment.begin(), setup.environment.end());
  std::vector<std::string> arguments = {Installed().Runner()};
  if (setup.is_pid_1) {
    arguments = {"/usr/bin/unshare",  "--pid",         "--fork",
                 "--mount-proc",      "--kill-child",  "/usr/bin/setpriv",
                 "--reuid=65534",     "--regid=65534", "--clear-groups",
                 Installed().Runner()};
  }
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
  };
  const auto argv = pointers(arguments);
  const auto envp = pointers(environment);
  const std::string complaints = outside_.Path() + "/stderr";

  std::array<int, 2> to_runner{}, from_runner{}, unread{};
  for (auto* ends : {&to_runner, &from_runner, &unread}) {
    if (pipe2(ends->data(), O_CLOEXEC) != 0) std::abort();
  }
  if (!setup.stdin_file.empty()) {
    const std::string path = outside_.Path() + "/stdin";
    std::ofstream(path) << setup.stdin_file;
    close(std::exchange(to_runner[0], open(path.c_str(), O_RDONLY | O_CLOEXEC)));
    close(std::exchange(to_runner[1], -1));
  }
  signal(SIGPIPE, SIG_IGN);
  pid_ = fork();
  if (pid_ == 0) {
    dup2(to_runner[0], STDIN_FILENO);
    dup2(from_runner[1], STDOUT_FILENO);
    dup2(setup.reads_complaints ? open(complaints.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666)
                                : unread[1],
         STDERR_FILENO);
    if (!setup.is_pid_1) DropPrivileges();
    execve(argv[0], argv.data(), envp.data());
    _exit(98);
  }
  close(to_runner[0]);
  close(from_runner[1]);
  close(unread[1]);
  stdin_ = to_runner[1];
  stdout_ = from_runner[0];
  stderr_ = unread[0];
}

RunnerProcess::~RunnerProcess() {
  CloseStdin();
  CloseStdout();
  close(stderr_);
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
}

void RunnerProcess::Send(const protocol::Command& command) { SendRaw(protocol::Encode(command)); }

void RunnerProcess::SendRaw(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(stdin_, bytes.data(), bytes.size());
    ASSERT_GT(written, 0) << "the runner closed its stdin";
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void RunnerProcess::CloseStdin() {
  if (stdin_ >= 0) close(std::exchange(stdin_, -1));
}

void RunnerProcess::CloseStdout() {
  if (stdout_ >= 0) close(std::exchange(stdout_, -1));
}

bool RunnerProcess::ReadRecord() {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  auto end = unread_.find('\n');
  while (end == std::string::npos) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waiting{stdout_, POLLIN, 0};
    if (left.count() <= 0 || poll(&waiting, 1, static_cast<int>(left.count())) == 0) {
      ADD_FAILURE() << "no record came in time";
      return false;
    }
    std::array<char, 65'536> buffer;
    const ssize_t got = read(stdout_, buffer.data(), buffer.size());
    if (got <= 0) {
      EXPECT_EQ(unread_, "") << "the stream ended inside a line";
      return false;
    }
    const std::size_t searched = unread_.size();
    unread_.append(buffer.data(), static_cast<std::size_t>(got));
    end = unread_.find('\n', searched);
  }
  EXPECT_LT(end, protocol::kMaxRecordLine);
  auto record = protocol::DecodeRecord(std::string_view(unread_).substr(0, end));
  EXPECT_TRUE(record) << unread_.substr(0, end);
  unread_.erase(0, end + 1);
  if (!record) return false;
  Check(*record);
  result_.records.push_back(*std::move(record));
  if (acknowledges_ && stdin_ >= 0 && unread_.find('\n') == std::string::npos) {
    const std::string ack = protocol::Encode(protocol::Command(protocol::AckCommand{next_seq_}));
    // The runner may have ended by now.
    [[maybe_unused]] const ssize_t written = write(stdin_, ack.data(), ack.size());
  }
  return true;
}

void RunnerProcess::Check(const protocol::Record& record) {
  if (const auto* resumed = std::get_if<protocol::Resumed>(&record)) next_seq_ = resumed->seq;
  if (const auto* finished = std::get_if<protocol::Finished>(&record)) Number(finished->seq);
  const auto* output = std::get_if<protocol::Output>(&record);
  const auto* display = std::get_if<protocol::Display>(&record);
  if (output == nullptr && display == nullptr) return;
  const std::int64_t seq = output != nullptr ? output->seq : display->seq;
  Number(seq);
  const auto [known, is_new] = numbered_.emplace(seq, record);
  EXPECT_TRUE(known->second == record) << "came again, and not the same: " << seq;
  if (!is_new || output == nullptr) return;
  for (const protocol::Piece& piece : output->pieces) {
    (piece.stream == protocol::Stream::kStdout ? result_.out : result_.err) += piece.data;
  }
}

void RunnerProcess::Number(std::int64_t seq) {
  // What has been read already may be left out: an acknowledgement overtakes a repetition.
  while (next_seq_ < seq && numbered_.contains(next_seq_)) ++next_seq_;
  EXPECT_EQ(seq, next_seq_);
  next_seq_ = seq + 1;
}

void RunnerProcess::ReadUntil(std::size_t kind) {
  while (ReadRecord()) {
    if (result_.records.back().index() == kind) return;
  }
  ADD_FAILURE() << "the stream ended before the awaited record";
}

void RunnerProcess::WaitForOutput(std::string_view text) {
  while (result_.out.find(text) == std::string::npos) {
    if (!ReadRecord()) {
      ADD_FAILURE() << "never printed: " << text;
      return;
    }
  }
}

std::string RunnerProcess::TerminationMessage() const {
  return Content(outside_.Path() + "/termination-log");
}

void RunnerProcess::WaitForTerminationMessage() const {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (TerminationMessage().empty()) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "the program did not end in time";
  }
}

std::vector<protocol::Piece> RunResult::Pieces() const {
  std::vector<protocol::Piece> pieces;
  for (const auto& output : All<protocol::Output>())
    pieces.insert(pieces.end(), output.pieces.begin(), output.pieces.end());
  return pieces;
}

RunResult RunnerProcess::Finish() {
  while (stdout_ >= 0 && ReadRecord()) {
  }
  int status = 0;
  waitpid(std::exchange(pid_, -1), &status, 0);
  RunResult result = std::move(result_);
  result.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  result.complaints = Content(outside_.Path() + "/stderr");
  result.termination_message = TerminationMessage();
  if (result.records.empty() ||
      !std::holds_alternative<protocol::Finished>(result.records.back())) {
    EXPECT_LT(stdout_, 0) << "the last record is not `finished`; the runner said: "
                          << result.complaints;
    return result;
  }
  result.finished = std::get<protocol::Finished>(result.records.back());
  EXPECT_EQ(result.termination_message, protocol::Encode(result.records.back()));

  base::Sha256 checksum;
  for (const auto& [seq, record] : numbered_) {
    const auto* output = std::get_if<protocol::Output>(&record);
    if (output == nullptr) continue;
    for (const protocol::Piece& piece : output->pieces) checksum.Update(piece.data);
  }
  EXPECT_EQ(result.finished.seq, static_cast<std::int64_t>(numbered_.size()));
  EXPECT_EQ(result.finished.sha256, checksum.HexDigest());
  EXPECT_EQ(result.finished.stdout_totals.kept_bytes, static_cast<std::int64_t>(result.out.size()));
  EXPECT_EQ(result.finished.stderr_totals.kept_bytes, static_cast<std::int64_t>(result.err.size()));
  return result;
}

protocol::RunCommand Program(std::string source) {
  protocol::RunCommand command;
  command.run_id = "01j00000000000000000000000";
  command.source = std::move(source);
  command.limits.wall_ms = 30'000;
  command.limits.cpu_ms = 30'000;
  return command;
}

RunResult Execute(const protocol::RunCommand& command, Setup setup) {
  RunnerProcess runner(std::move(setup));
  runner.WaitFor<protocol::Ready>();
  runner.Send(command);
  return runner.Finish();
}

RunResult Execute(std::string source) { return Execute(Program(std::move(source))); }

}  // namespace oneshot::runner
