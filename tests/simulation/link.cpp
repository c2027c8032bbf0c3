#include "tests/simulation/link.h"

#include <utility>

namespace oneshot::simulation {

using base::Error;
using base::ErrorCode;

/// One attach. What is to be told to its owner waits in a queue with the moment of its arrival, so
/// that order is kept whatever the delays.
class AttachModel::Link final : public AttachEnd, public std::enable_shared_from_this<Link> {
 public:
  Link(AttachModel& model, std::string pod, kube::AttachHandlers handlers)
      : model_(model), pod_(std::move(pod)), handlers_(std::move(handlers)) {}

  void Begin() {
    World& world = model_.world_;
    if (model_.owner_.api_away_until() > world.now())
      return Push({.is_end = true, .error = {ErrorCode::kUnavailable, "no API server"}});
    if (!model_.cluster_.HasPod(pod_))
      return Push({.is_end = true, .error = {ErrorCode::kNotFound, pod_}});
    Push({.is_open = true});
    // The API server accepts before the kubelet is asked.
    world.After(Delay(), [self = shared_from_this()] { self->Reach(); });
  }

  void Write(std::string bytes) {
    // Its owner may not have heard yet that it has ended, and cannot know what became of this.
    NoteRequest(bytes, model_.oracle_);
    if (has_ended_) return;
    model_.world_.After(Delay(), [self = shared_from_this(), bytes = std::move(bytes)] {
      self->unsent_.push_back(bytes);
      self->Send();
    });
  }

  void Drop() {
    handlers_ = {};
    has_ended_ = true;
    inbox_.clear();
  }

  void OnLine(const std::string& line) override { Push({.line = line}); }
  void OnEnd() override {
    has_ended_ = true;
    Push({.is_end = true, .error = {ErrorCode::kUnavailable, "cut"}});
  }

 private:
  struct Item {
    MonotonicTime at{};
    bool is_open{false};
    bool is_end{false};
    std::string line;
    Error error;
  };

  Milliseconds Delay() const {
    return Milliseconds(1 + model_.world_.choices.Scaled(model_.chooser_, 100));
  }

  void Reach() {
    if (has_ended_) return;
    if (!model_.cluster_.Attach(pod_, shared_from_this())) return OnEnd();
    has_reached_ = true;
    Send();
  }

  void Send() {
    if (!has_reached_) return;
    for (const std::string& bytes : std::exchange(unsent_, {})) {
      if (has_ended_) return;
      std::string_view line = bytes;
      line.remove_suffix(1);
      model_.cluster_.WriteStdin(pod_, line);
    }
  }

  void Push(Item item) {
    if (!handlers_.on_closed) return;
    item.at = std::max(model_.world_.now() + Delay(),
                       inbox_.empty() ? MonotonicTime{} : inbox_.back().at);
    model_.world_.At(item.at, [self = shared_from_this()] { self->Deliver(); });
    inbox_.push_back(std::move(item));
  }

  void Deliver() {
    World& world = model_.world_;
    if (!model_.owner_.IsAwake())
      return model_.owner_.Defer([self = shared_from_this()] { self->Deliver(); });
    model_.owner_.OnNews();
    while (!inbox_.empty() && inbox_.front().at <= world.now()) {
      const Item item = std::move(inbox_.front());
      inbox_.pop_front();
      if (item.is_end) {
        has_ended_ = true;
        return handlers_.on_closed(item.error);
      }
      if (item.is_open) {
        handlers_.on_open();
      } else {
        handlers_.on_lines({item.line});
      }
    }
  }

  AttachModel& model_;
  const std::string pod_;
  kube::AttachHandlers handlers_;
  bool has_reached_{false};
  bool has_ended_{false};
  std::vector<std::string> unsent_;
  std::deque<Item> inbox_;
};

class AttachModel::Connection final : public kube::AttachConnection {
 public:
  explicit Connection(std::shared_ptr<Link> link) : link_(std::move(link)) {}
  ~Connection() override { link_->Drop(); }
  void Write(std::string bytes) override { link_->Write(std::move(bytes)); }

 private:
  std::shared_ptr<Link> link_;
};

std::shared_ptr<kube::AttachConnection> AttachModel::Open(const std::string& pod_name,
                                                          kube::AttachHandlers handlers) {
  auto link = std::make_shared<Link>(*this, pod_name, std::move(handlers));
  link->Begin();
  return std::make_shared<Connection>(std::move(link));
}

}  // namespace oneshot::simulation
