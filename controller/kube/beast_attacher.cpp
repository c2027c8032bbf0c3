#include "controller/kube/beast_attacher.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "controller/kube/attach_connection.h"
#include "controller/kube/url.h"
#include "core/base/guarded.h"
#include "core/base/thread.h"

namespace oneshot::kube {
namespace {

namespace asio = boost::asio;

class Session final : public AttachSession {
 public:
  Session(std::shared_ptr<AttachConnection> connection, std::shared_ptr<HandlerGate> gate)
      : connection_(std::move(connection)), gate_(std::move(gate)) {}
  ~Session() override {
    connection_->Leave();
    gate_->Shut();
  }
  void Write(std::string bytes) override { connection_->Write(std::move(bytes)); }

 private:
  const std::shared_ptr<AttachConnection> connection_;
  const std::shared_ptr<HandlerGate> gate_;
};

}  // namespace

class BeastAttacher::Engine {
 public:
  Engine(std::shared_ptr<Credentials> credentials, AttachOptions options)
      : credentials_(std::move(credentials)),
        options_(std::move(options)),
        io_(options_.threads),
        work_(io_.get_executor()) {
    for (int i = 0; i < options_.threads; ++i) {
      threads_.push_back(base::StartThread("attach", [this](std::stop_token) { io_.run(); }));
    }
  }

  ~Engine() {
    io_.stop();
    threads_.clear();  // joins
  }

  std::unique_ptr<AttachSession> Open(const std::string& pod_name, AttachHandlers handlers) {
    AttachRequest request{credentials_->Server(),
                          Target(pod_name, bool(handlers.on_stderr)),
                          options_.user_agent,
                          options_.connect_deadline,
                          options_.max_silence,
                          credentials_,
                          CurrentTls()};
    auto gate = std::make_shared<HandlerGate>(std::move(handlers));
    auto connection = MakeAttachConnection(io_, std::move(request), gate);
    auto session = std::make_unique<Session>(connection, gate);
    connection->Start();
    return session;
  }

 private:
  std::string Target(const std::string& pod_name, bool with_stderr) const {
    return PodsPath(options_.run_namespace, pod_name) +
           "/attach?container=" + PercentEncode(options_.container) +
           "&stdin=true&stdout=true&stderr=" + (with_stderr ? "true" : "false");
  }

  /// Made anew only when the identity changed.
  std::shared_ptr<AttachTls> CurrentTls() {
    auto identity = credentials_->Tls();
    auto tls = tls_.Acquire();
    const bool same = *tls == nullptr ? identity == nullptr : IdentityOf(**tls) == identity;
    if (!same) *tls = identity == nullptr ? nullptr : MakeAttachTls(std::move(identity));
    return *tls;
  }

  const std::shared_ptr<Credentials> credentials_;
  const AttachOptions options_;
  base::Guarded<std::shared_ptr<AttachTls>> tls_;
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::vector<std::jthread> threads_;
};

BeastAttacher::BeastAttacher(std::shared_ptr<Credentials> credentials, AttachOptions options)
    : engine_(std::make_unique<Engine>(std::move(credentials), std::move(options))) {}

BeastAttacher::~BeastAttacher() = default;

std::unique_ptr<AttachSession> BeastAttacher::Open(const std::string& pod_name,
                                                   AttachHandlers handlers) {
  return engine_->Open(pod_name, std::move(handlers));
}

}  // namespace oneshot::kube
