#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "controller/kube/attach.h"
#include "controller/kube/credentials.h"
#include "core/base/result.h"

namespace oneshot::kube {

struct AttachOptions {
  std::string run_namespace;
  std::string container{"python"};
  std::string user_agent{"oneshot-controller/0.1.0"};
  std::chrono::milliseconds connect_deadline{10'000};  // name, TCP, TLS and upgrade together
  /// Without a byte for this long the connection is dead; pings go out at half of it.
  std::chrono::milliseconds max_silence{60'000};
  /// With more than one, two handlers that drop each other's sessions would wait for each other.
  int threads{1};
};

/// `Attacher` on Boost.Beast: any number of WebSockets on its own threads.
class BeastAttacher final : public Attacher {
 public:
  BeastAttacher(std::shared_ptr<Credentials> credentials, AttachOptions options);
  /// All sessions must be gone. Not from inside a handler.
  ~BeastAttacher() override;

  std::unique_ptr<AttachSession> Open(const std::string& pod_name,
                                      AttachHandlers handlers) override;

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace oneshot::kube
