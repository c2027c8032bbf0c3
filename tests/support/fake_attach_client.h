#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/kube/attach.h"

namespace oneshot::test {

/// Attaches that the test opens, feeds and cuts by hand.
class FakeAttachClient final : public kube::AttachClient {
 public:
  struct Attach {
    std::string pod;
    kube::AttachHandlers handlers;
    std::vector<std::string> written;
    bool closed{false};
    /// Called while the connection is dropped, when its handlers may still run.
    std::function<void()> on_drop{};
  };

  std::shared_ptr<kube::AttachConnection> Open(const std::string& pod_name,
                                               kube::AttachHandlers handlers) override {
    attaches.push_back(std::make_shared<Attach>(
        Attach{.pod = pod_name, .handlers = std::move(handlers), .written = {}}));
    if (on_open) on_open(*attaches.back());
    return std::make_shared<Connection>(attaches.back());
  }

  /// Called for each attach before its owner has it, when its handlers may run already.
  std::function<void(Attach&)> on_open{};
  std::vector<std::shared_ptr<Attach>> attaches;

 private:
  class Connection final : public kube::AttachConnection {
   public:
    explicit Connection(std::shared_ptr<Attach> attach) : attach_(std::move(attach)) {}
    ~Connection() override {
      if (attach_->on_drop) attach_->on_drop();
      attach_->closed = true;
    }
    void Write(std::string bytes) override { attach_->written.push_back(std::move(bytes)); }

   private:
    std::shared_ptr<Attach> attach_;
  };
};

}  // namespace oneshot::test
