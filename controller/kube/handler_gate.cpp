#include "controller/kube/handler_gate.h"

#include <utility>

namespace oneshot::kube {

void HandlerGate::Pass(bool last, const std::function<void()>& call) {
  {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return !running_ || shut_; });
    if (shut_) return;
    if (last) shut_ = true;
    running_ = true;
    running_thread_ = std::this_thread::get_id();
  }
  call();
  AttachHandlers finished;
  {
    const std::lock_guard lock(mutex_);
    running_ = false;
    if (shut_) finished = std::exchange(handlers_, {});
    // Under the lock: whoever waits in Shut() may destroy this object as soon as it sees running_
    // false.
    idle_.notify_all();
  }
}

void HandlerGate::Shut() {
  AttachHandlers finished;
  std::unique_lock lock(mutex_);
  shut_ = true;
  if (running_ && running_thread_ == std::this_thread::get_id()) return;
  idle_.wait(lock, [this] { return !running_; });
  finished = std::exchange(handlers_, {});
  lock.unlock();
}

void HandlerGate::Open() {
  Pass(/*last=*/false, [this] {
    if (handlers_.on_open) handlers_.on_open();
  });
}

void HandlerGate::Stdout(std::string_view bytes) {
  Pass(/*last=*/false, [this, bytes] {
    if (handlers_.on_stdout) handlers_.on_stdout(bytes);
  });
}

void HandlerGate::Stderr(std::string_view bytes) {
  Pass(/*last=*/false, [this, bytes] {
    if (handlers_.on_stderr) handlers_.on_stderr(bytes);
  });
}

void HandlerGate::Closed(const base::Error& error) {
  Pass(/*last=*/true, [this, &error] {
    if (handlers_.on_closed) handlers_.on_closed(error);
  });
}

}  // namespace oneshot::kube
