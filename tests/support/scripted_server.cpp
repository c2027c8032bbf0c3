#include "tests/support/scripted_server.h"

#include <gtest/gtest.h>

namespace oneshot::test {

Exchange& Exchange::WithQuery(std::string name, std::string value) {
  queries_.emplace_back(std::move(name), std::move(value));
  return *this;
}

Exchange& Exchange::WithHeader(std::string lower_case_name, std::string value) {
  headers_.emplace_back(std::move(lower_case_name), std::move(value));
  return *this;
}

Exchange& Exchange::WithBody(std::string part) {
  body_part_ = std::move(part);
  return *this;
}

Exchange& Exchange::Add(Step::Kind kind, std::string bytes) {
  steps_.push_back({kind, std::move(bytes)});
  return *this;
}

Exchange& Exchange::Answer(int status, std::string_view body, const HeaderList& headers) {
  return Add(Step::Kind::kSend, test::Answer(status, body, headers));
}

Exchange& Exchange::StartStream() { return Add(Step::Kind::kSend, ChunkedAnswerHead()); }

Exchange& Exchange::Line(std::string_view text) { return Bytes(std::string(text) + "\n"); }

Exchange& Exchange::Bytes(std::string_view text) { return Add(Step::Kind::kSend, Chunk(text)); }

Exchange& Exchange::EndStream() { return Add(Step::Kind::kSend, Chunk({})); }

Exchange& Exchange::UpgradeToWebSocket() { return Add(Step::Kind::kUpgrade); }

Exchange& Exchange::Message(int channel, std::string_view payload) {
  return Add(Step::Kind::kSend, EncodeMessage(channel, payload));
}

Exchange& Exchange::AwaitMessage() { return Add(Step::Kind::kAwaitMessage); }

Exchange& Exchange::CloseFrame() {
  constexpr std::string_view kNormalClosure("\x03\xe8", 2);
  return Add(Step::Kind::kSend,
             EncodeFrame({Opcode::kClose, /*final_fragment=*/true, std::string(kNormalClosure)}));
}

Exchange& Exchange::GoDeaf() { return Add(Step::Kind::kGoDeaf); }

Exchange& Exchange::StopReading() { return Add(Step::Kind::kStopReading); }

Exchange& Exchange::Wait(std::chrono::milliseconds time) {
  Add(Step::Kind::kWait);
  steps_.back().time = time;
  return *this;
}

Exchange& Exchange::AwaitRelease() { return Add(Step::Kind::kAwaitRelease); }

Exchange& Exchange::Close() { return Add(Step::Kind::kClose); }

Exchange& Exchange::Reset() { return Add(Step::Kind::kReset); }

std::string Exchange::Mismatch(const Request& request) const {
  if (request.method != method_ || request.Path() != target_) {
    return "expected " + method_ + " " + target_;
  }
  for (const auto& [name, value] : queries_) {
    if (request.Query(name) != value) return "expected " + name + "=" + value;
  }
  for (const auto& [name, value] : headers_) {
    if (request.Header(name) != value) return "expected " + name + ": " + value;
  }
  if (request.body.find(body_part_) == std::string::npos)
    return "expected in its body: " + body_part_;
  return {};
}

ScriptedServer::ScriptedServer() : server_(*this) {}

ScriptedServer::~ScriptedServer() {
  server_.Stop();
  for (const auto& exchange : expected_) {
    ADD_FAILURE() << "never asked for: " << exchange->method_ << " " << exchange->target_;
  }
}

Exchange& ScriptedServer::Expect(const std::string& method, const std::string& path) {
  const std::lock_guard lock(mutex_);
  expected_.push_back(std::unique_ptr<Exchange>(new Exchange(method, path)));
  return *expected_.back();
}

void ScriptedServer::Release() {
  server_.Post([this] {
    ++releases_;
    for (auto& [connection, running] : running_) {
      const auto& steps = running.exchange->steps_;
      if (!steps.empty() && steps.front().kind == Exchange::Step::Kind::kAwaitRelease) {
        return Play(connection);
      }
    }
  });
}

std::string ScriptedServer::Missing() const {
  const std::lock_guard lock(mutex_);
  if (!expected_.empty()) return expected_.front()->method_ + " " + expected_.front()->target_;
  return unfinished_ > 0 ? "the last step of an answer" : std::string();
}

bool ScriptedServer::WaitUntilDone(std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!Missing().empty() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  const std::string missing = Missing();
  if (missing.empty()) return true;
  ADD_FAILURE() << "waited " << patience.count() << " ms in vain for: " << missing;
  return false;
}

std::vector<Request> ScriptedServer::Requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::vector<std::string> ScriptedServer::Messages() const {
  const std::lock_guard lock(mutex_);
  return messages_;
}

void ScriptedServer::OnRequest(ConnectionId connection, const Request& request) {
  std::unique_ptr<Exchange> exchange;
  std::string mismatch = "expected nothing more";
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    if (!expected_.empty()) {
      mismatch = expected_.front()->Mismatch(request);
      if (mismatch.empty()) {
        exchange = std::move(expected_.front());
        expected_.pop_front();
        ++unfinished_;
      }
    }
  }
  if (exchange == nullptr) {
    ADD_FAILURE() << "unexpected " << request.method << " " << request.target << "\n"
                  << request.body << "\n"
                  << mismatch;
    return server_.Send(connection, test::Answer(501, "unexpected in this test"));
  }
  running_[connection] = Running{std::move(exchange), request.Header("sec-websocket-key")};
  Play(connection);
}

void ScriptedServer::Play(ConnectionId connection) {
  const auto found = running_.find(connection);
  if (found == running_.end() || found->second.waiting) return;
  Running& running = found->second;
  auto& steps = running.exchange->steps_;
  while (!steps.empty()) {
    using Kind = Exchange::Step::Kind;
    if (steps.front().kind == Kind::kAwaitMessage) {
      if (running.new_messages == 0) return;
      --running.new_messages;
    }
    if (steps.front().kind == Kind::kAwaitRelease) {
      if (releases_ == 0) return;
      --releases_;
    }
    const Exchange::Step step = std::move(steps.front());
    steps.pop_front();
    if (!PlayStep(connection, step)) return;
  }
  running_.erase(connection);
  const std::lock_guard lock(mutex_);
  --unfinished_;
}

bool ScriptedServer::PlayStep(ConnectionId connection, const Exchange::Step& step) {
  using Kind = Exchange::Step::Kind;
  switch (step.kind) {
    case Kind::kSend:
      server_.Send(connection, step.bytes);
      return true;
    case Kind::kUpgrade:
      server_.Send(connection, UpgradeAnswer(running_[connection].websocket_key));
      server_.BecomeWebSocket(connection);
      return true;
    case Kind::kWait:
      running_[connection].waiting = true;
      server_.After(step.time, [this, connection] {
        const auto found = running_.find(connection);
        if (found == running_.end()) return;
        found->second.waiting = false;
        Play(connection);
      });
      return false;
    case Kind::kAwaitMessage:
    case Kind::kAwaitRelease:
      return true;
    case Kind::kGoDeaf:
      deaf_.insert(connection);
      return true;
    case Kind::kStopReading:
      server_.StopReading(connection);
      return true;
    case Kind::kClose:
      server_.Close(connection);
      return true;
    case Kind::kReset:
      server_.Reset(connection);
      return true;
  }
  return true;
}

void ScriptedServer::OnMessage(ConnectionId connection, const Frame& frame) {
  if (deaf_.contains(connection)) return;
  if (frame.opcode == Opcode::kPing) {
    server_.Send(connection, EncodeFrame({Opcode::kPong, true, frame.payload}));
  } else if (frame.opcode == Opcode::kClose) {
    server_.Send(connection, EncodeFrame({Opcode::kClose, true, frame.payload}));
    server_.Close(connection);
  } else if (frame.opcode == Opcode::kBinary || frame.opcode == Opcode::kText) {
    {
      const std::lock_guard lock(mutex_);
      messages_.push_back(frame.payload);
    }
    const auto found = running_.find(connection);
    if (found == running_.end()) return;
    ++found->second.new_messages;
    Play(connection);
  }
}

void ScriptedServer::OnGone(ConnectionId connection) {
  deaf_.erase(connection);
  if (running_.erase(connection) == 0) return;
  const std::lock_guard lock(mutex_);
  --unfinished_;  // the client left in the middle; whether it should have is for the test to say
}

}  // namespace oneshot::test
