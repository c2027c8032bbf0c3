#include "controller/delivery/run_channel.h"

#include <algorithm>
#include <utility>

#include "core/protocol/codec.h"

namespace oneshot::delivery {

base::Milliseconds ConnectPause(int failures) {
  constexpr base::Milliseconds kFirst{15};
  constexpr base::Milliseconds kLongest{500};
  base::Milliseconds pause = kFirst;
  for (int i = 1; i < failures && pause < kLongest; ++i)
    pause += std::max(pause / 4, base::Milliseconds(1));
  return std::min(pause, kLongest);
}

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
    if (std::exchange(state->view.heard, false)) ++state->view.heard_before;
    state->view.link = Link::kOpening;
    state->view.link_changed = clock_.Monotonic();
  }
  former.reset();
  kube::AttachHandlers handlers;
  handlers.on_open = [this] {
    Update([this](State& state) {
      state.view.link = Link::kOpen;
      state.view.link_changed = clock_.Monotonic();
      ++state.view.opens;
    });
  };
  handlers.on_lines = [this](const std::vector<std::string>& lines) {
    Update([&lines](State& state) {
      state.view.heard = true;
      state.view.failures = 0;
      for (const std::string& line : lines) state.merger.FeedLine(line);
    });
  };
  handlers.on_closed = [this](const base::Error&) {
    Update([this](State& state) {
      if (!state.view.heard) ++state.view.failures;
      state.view.link = Link::kClosed;
      state.view.link_changed = clock_.Monotonic();
    });
  };
  std::shared_ptr<kube::AttachConnection> connection =
      attacher_.Open(pod_name, std::move(handlers));
  auto state = state_.Acquire();
  state->connection = std::move(connection);
  if (!state->request.empty() && !state->merger.progress().started) Send(*state);
}

void RunChannel::Deliver(const protocol::RunCommand& command) {
  std::string request = protocol::Encode(protocol::Command(command));
  auto state = state_.Acquire();
  state->merger.ExpectRun(command.run_id, command.attempt);
  state->request = std::move(request);
  if (state->connection && state->view.link != Link::kClosed) Send(*state);
}

void RunChannel::Redeliver() {
  auto state = state_.Acquire();
  if (state->connection && !state->request.empty()) Send(*state);
}

void RunChannel::Send(State& state) const {
  state.connection->Write(state.request);
  state.view.delivered_at = clock_.Monotonic();
}

void RunChannel::SendCancel() {
  auto state = state_.Acquire();
  if (state->connection)
    state->connection->Write(protocol::Encode(protocol::Command(protocol::CancelCommand{})));
}

void RunChannel::AddLog(const std::string& log) {
  Update([&log](State& state) { state.merger.FeedLog(log); });
}

RunChannel::View RunChannel::Look() const {
  auto state = state_.Acquire();
  return state->view;
}

std::vector<domain::OutputRecord> RunChannel::TakeFresh() {
  auto state = state_.Acquire();
  auto fresh = state->merger.TakeFresh();
  state->view.fresh_since.reset();
  return fresh;
}

void RunChannel::PutBack(std::vector<domain::OutputRecord> records) {
  if (records.empty()) return;
  auto state = state_.Acquire();
  state->merger.PutBack(std::move(records));
  state->view.fresh_since = clock_.Monotonic();
}

void RunChannel::Update(const std::function<void(State&)>& change) {
  std::function<void()> on_event;
  {
    auto state = state_.Acquire();
    change(*state);
    View& view = state->view;
    view.records = state->merger.progress();
    if (view.records.started && !view.started_at) view.started_at = clock_.Monotonic();
    if (state->merger.has_fresh() && !view.fresh_since) view.fresh_since = clock_.Monotonic();
    on_event = state->on_event;
  }
  if (on_event) on_event();
}

}  // namespace oneshot::delivery
