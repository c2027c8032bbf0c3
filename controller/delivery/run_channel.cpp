#include "controller/delivery/run_channel.h"

#include <utility>

#include "core/protocol/codec.h"

namespace oneshot::delivery {

RunChannel::RunChannel(kube::AttachClient& attacher, const base::Clock& clock)
    : attacher_(attacher), clock_(clock) {}

RunChannel::~RunChannel() {
  // Closed after the lock is released: closing waits for a handler, which may be waiting for it.
  std::shared_ptr<kube::AttachConnection> connection;
  auto state = state_.Acquire();
  connection = std::move(state->connection);
  state->on_event = nullptr;
}

void RunChannel::SetOnEvent(std::function<void()> on_event) {
  auto state = state_.Acquire();
  state->on_event = std::move(on_event);
}

void RunChannel::Connect(const std::string& pod_name) {
  std::shared_ptr<kube::AttachConnection> former;
  {
    auto state = state_.Acquire();
    former = std::move(state->connection);
  }
  // Closed without the lock, which its handlers take, and before they could speak for the new link.
  former.reset();
  {
    auto state = state_.Acquire();
    View& view = state->view;
    // A link that was open and is given up was one without an answer.
    if (view.link == Link::kOpen) ++view.failures;
    view.link = Link::kOpening;
    view.link_changed = clock_.Monotonic();
    view.asked_at.reset();
    view.heard_at.reset();
    state->wants_run = false;
    view.wants_stdin_from = std::numeric_limits<int>::max();
    state->inbox.BeginLink();
  }
  kube::AttachHandlers handlers;
  handlers.on_open = [this] {
    Update([this](State& state) {
      state.view.link = Link::kOpen;
      state.view.link_changed = clock_.Monotonic();
    });
  };
  handlers.on_lines = [this](const std::vector<std::string>& lines) {
    Update([this, &lines](State& state) {
      for (const std::string& line : lines) state.inbox.FeedLine(line);
      if (state.view.heard_at) state.view.heard_at = clock_.Monotonic();
    });
  };
  handlers.on_closed = [this](const base::Error&) {
    Update([this](State& state) {
      if (!state.view.heard_at) ++state.view.failures;
      state.view.link = Link::kClosed;
      state.view.link_changed = clock_.Monotonic();
      state.view.asked_at.reset();
      state.view.heard_at.reset();
      state.wants_run = false;
    });
  };
  std::shared_ptr<kube::AttachConnection> connection =
      attacher_.Open(pod_name, std::move(handlers));
  auto state = state_.Acquire();
  state->connection = std::move(connection);
  // What is written before the link is open waits in it, which saves a turn of this thread.
  if (state->view.link != Link::kClosed) SendResume(*state);
}

void RunChannel::Ask() {
  auto state = state_.Acquire();
  if (state->view.link == Link::kOpen) SendResume(*state);
}

void RunChannel::SendResume(State& state) const {
  Send(state, protocol::ResumeCommand{.seq = state.inbox.AskToResume()});
  if (!state.view.asked_at) state.view.asked_at = clock_.Monotonic();
}

void RunChannel::Send(State& state, const protocol::Command& command) {
  if (state.connection) state.connection->Write(protocol::Encode(command));
}

void RunChannel::Expect(const protocol::RunCommand& command, std::int64_t next_seq) {
  std::string request = protocol::Encode(protocol::Command(command));
  auto state = state_.Acquire();
  state->inbox.Expect(command.run_id, command.attempt, next_seq,
                      command.limits.output_bytes + command.limits.display_bytes +
                          command.limits.output_file_bytes);
  state->request = std::move(request);
}

void RunChannel::AllowDelivery(const std::vector<domain::File>& files) {
  std::vector<std::string> lines;
  for (const domain::File& file : files) {
    std::size_t offset = 0;
    do {
      lines.push_back(protocol::Encode(protocol::Command(
          protocol::FileCommand{.path = file.path,
                                .offset = static_cast<std::int64_t>(offset),
                                .data = file.content.substr(offset, protocol::kMaxFilePart)})));
      offset += protocol::kMaxFilePart;
    } while (offset < file.content.size());
  }
  auto state = state_.Acquire();
  state->files = std::move(lines);
  state->may_deliver = true;
  Answer(*state);
}

std::size_t RunChannel::HeldFileBytes() const {
  auto state = state_.Acquire();
  std::size_t bytes = 0;
  for (const std::string& line : state->files) bytes += line.size();
  return bytes;
}

bool RunChannel::RevokeDelivery() {
  auto state = state_.Acquire();
  if (state->view.delivered_at) return false;
  state->may_deliver = false;
  return true;
}

void RunChannel::SendCancel() {
  auto state = state_.Acquire();
  Send(*state, protocol::CancelCommand{});
}

void RunChannel::SendStdin(int seq, const std::vector<domain::StdinPiece>& pieces) {
  auto state = state_.Acquire();
  for (const domain::StdinPiece& piece : pieces) {
    if (piece.is_end) {
      Send(*state, protocol::StdinEofCommand{.seq = seq++});
    } else {
      Send(*state, protocol::StdinCommand{.seq = seq++, .data = piece.data});
    }
  }
  state->view.wants_stdin_from = seq;
}

void RunChannel::BeginLogRead() {
  auto state = state_.Acquire();
  state->view.log_is_being_read = true;
}

void RunChannel::EndLogRead(const base::Result<std::string>& log) {
  Update([&](State& state) {
    View& view = state.view;
    view.log_is_being_read = false;
    view.log_read_at = clock_.Monotonic();
    ++(log ? view.log_reads : view.log_failures);
    if (log) state.inbox.FeedLog(*log);
  });
}

void RunChannel::AddTerminationMessage(const std::string& message) {
  auto state = state_.Acquire();
  state->inbox.FeedLog(message);
  Refresh(*state);
}

RunChannel::View RunChannel::Look() const {
  auto state = state_.Acquire();
  return state->view;
}

std::vector<domain::OutputRecord> RunChannel::Unstored() const {
  auto state = state_.Acquire();
  const auto& unstored = state->inbox.unstored();
  return {unstored.begin(), unstored.end()};
}

void RunChannel::Stored(std::int64_t next_seq) {
  auto state = state_.Acquire();
  state->inbox.Stored(next_seq);
  Refresh(*state);
  // What came meanwhile waits for its own commit.
  if (state->view.unstored_since) state->view.unstored_since = clock_.Monotonic();
  Send(*state, protocol::AckCommand{.seq = next_seq});
}

void RunChannel::StoredEnd() {
  auto state = state_.Acquire();
  state->inbox.StoredEnd();
  Send(*state, protocol::AckCommand{.seq = state->inbox.first_unstored()});
  Refresh(*state);
}

void RunChannel::Update(const std::function<void(State&)>& change) {
  std::function<void()> on_event;
  {
    auto state = state_.Acquire();
    change(*state);
    Answer(*state);
    Refresh(*state);
    on_event = state->on_event;
  }
  if (on_event) on_event();
}

void RunChannel::Answer(State& state) const {
  const Inbox::Wanted wanted = state.inbox.TakeWanted();
  View& view = state.view;
  if (wanted.answered && view.link == Link::kOpen) {
    view.failures = 0;
    view.asked_at.reset();
    view.heard_at = clock_.Monotonic();
    state.wants_run = wanted.run;
    // What was written on an earlier link may be lost.
    if (!wanted.run) view.wants_stdin_from = static_cast<int>(state.inbox.acknowledged_stdin());
  }
  if (wanted.resume) SendResume(state);
  if (!state.wants_run || !state.may_deliver || !state.connection) return;
  for (const std::string& line : state.files) state.connection->Write(line);
  state.connection->Write(state.request);
  state.wants_run = false;
  view.wants_stdin_from = 0;
  view.delivered_at = clock_.Monotonic();
}

void RunChannel::Refresh(State& state) const {
  View& view = state.view;
  view.records = state.inbox.progress();
  view.unstored_bytes = state.inbox.unstored_bytes();
  if (view.records.started && !view.started_at) {
    view.started_at = clock_.Monotonic();
    state.files = {};  // nobody will ask for them again
  }
  if (state.inbox.unstored().empty()) {
    view.unstored_since.reset();
  } else if (!view.unstored_since) {
    view.unstored_since = clock_.Monotonic();
  }
  const auto& finished = view.records.finished;
  if (finished && state.inbox.first_unstored() > finished->seq && view.heard_at)
    view.end_acknowledged = true;
}

}  // namespace oneshot::delivery
