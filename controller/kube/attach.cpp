// How bytes get from a WebSocket to a line, and back: connect, TLS, upgrade, messages, channels.
#include "controller/kube/attach.h"

#include <openssl/ssl.h>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <deque>
#include <future>
#include <thread>
#include <utility>

#include "controller/kube/codec.h"
#include "controller/kube/credentials.h"
#include "controller/kube/http.h"
#include "controller/kube/line_splitter.h"
#include "controller/kube/url.h"
#include "core/base/guarded.h"
#include "core/base/thread.h"

namespace oneshot::kube {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using base::Error;
using base::ErrorCode;
using boost::system::error_code;
using tcp = asio::ip::tcp;

// The first byte of each message (kubernetes/apimachinery, pkg/util/remotecommand/constants.go).
constexpr char kStdinChannel = 0;
constexpr char kStdoutChannel = 1;
constexpr char kErrorChannel = 3;

// Messages are of 32 KiB; this bounds memory.
constexpr std::size_t kMaxMessageBytes = 16U << 20;
// Each connection keeps it once it has written.
constexpr std::size_t kWriteBufferBytes = 16U << 10;

/// TLS settings of one identity, shared by its connections.
struct Tls {
  explicit Tls(std::shared_ptr<const TlsIdentity> its_identity);

  const std::shared_ptr<const TlsIdentity> identity;
  asio::ssl::context context{asio::ssl::context::tls_client};
  /// The newest one that the server gave us, of the client's thread. Offered again at the next
  /// connect, it spares both sides the certificates, the largest part of what connecting costs.
  std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)> session{nullptr, &SSL_SESSION_free};
};

Tls::Tls(std::shared_ptr<const TlsIdentity> its_identity) : identity(std::move(its_identity)) {
  // With unusable PEM the handshake fails and says so.
  error_code unusable;
  context.set_verify_mode(asio::ssl::verify_peer, unusable);
  context.add_certificate_authority(asio::buffer(identity->ca), unusable);
  if (!identity->certificate.empty()) {
    context.use_certificate_chain(asio::buffer(identity->certificate), unusable);
    context.use_private_key(asio::buffer(identity->key), asio::ssl::context::pem, unusable);
  }
}

/// What the end of the command on the error channel means for the owner.
Error ErrorFromChannel(std::string_view text) {
  auto error = ErrorFromStatus(text);
  if (!error) return {ErrorCode::kUnavailable, "the container ended"};
  if (error->message.empty()) error->message = std::string(text);
  if (error->code != ErrorCode::kNotFound) error->code = ErrorCode::kUnavailable;
  return *std::move(error);
}

/// Everything but Write, Leave and construction happens on the client's thread. Pending operations
/// keep the connection alive after its owner has left.
class BeastConnection final : public AttachConnection,
                              public std::enable_shared_from_this<BeastConnection> {
 public:
  BeastConnection(asio::io_context& io, std::shared_ptr<Credentials> credentials,
                  std::shared_ptr<Tls> tls, const AttachOptions& options, std::string target,
                  AttachHandlers handlers)
      : io_(io),
        credentials_(std::move(credentials)),
        tls_(std::move(tls)),
        options_(options),
        target_(std::move(target)),
        handlers_(std::move(handlers)),
        lines_(options_.max_line_bytes),
        resolver_(io),
        farewell_(io),
        socket_(io.get_executor(), tls_->context) {}

  void Start() {
    asio::post(io_, [self = shared_from_this()] { self->Connect(); });
  }

  void Write(std::string bytes) override {
    asio::dispatch(io_, [self = shared_from_this(), bytes = std::move(bytes)]() mutable {
      self->Enqueue(std::move(bytes));
    });
  }

  /// The owner dropped its pointer. Handlers run on the client's thread alone, which never blocks:
  /// once Depart has run there, no handler is running and none will.
  void Leave() {
    if (io_.get_executor().running_in_this_thread()) return Depart();
    asio::post(io_, asio::use_future([this] { Depart(); })).wait();
  }

 private:
  beast::tcp_stream& Tcp() { return beast::get_lowest_layer(socket_); }

  void Connect() {
    if (ended_) return;
    const Endpoint& server = credentials_->Server();
    Tcp().expires_after(options_.connect_deadline);
    error_code not_an_address;
    const auto address = asio::ip::make_address(server.host, not_an_address);
    if (!not_an_address) {
      Tcp().async_connect(
          tcp::endpoint(address, server.port),
          [self = shared_from_this()](error_code error) { self->OnConnected(error); });
      return;
    }
    resolver_.async_resolve(
        server.host, std::to_string(server.port),
        [self = shared_from_this()](error_code error, tcp::resolver::results_type found) {
          if (error) return self->Fail("resolve", error);
          self->Tcp().async_connect(found, [self](error_code failed, const tcp::endpoint&) {
            self->OnConnected(failed);
          });
        });
  }

  void OnConnected(error_code error) {
    if (error) return Fail("connect", error);
    const std::string& host = credentials_->Server().host;
    error_code ignored;
    Tcp().socket().set_option(tcp::no_delay(true), ignored);
    auto& tls = socket_.next_layer();
    // A server's name is a name, not an address (RFC 6066, section 3).
    error_code is_name;
    asio::ip::make_address(host, is_name);
    if (is_name) SSL_set_tlsext_host_name(tls.native_handle(), host.c_str());
    tls.set_verify_callback(asio::ssl::host_name_verification(host));
    if (tls_->session) SSL_set_session(tls.native_handle(), tls_->session.get());
    tls.async_handshake(asio::ssl::stream_base::client,
                        [self = shared_from_this()](error_code failed) {
                          if (failed) return self->Fail("TLS handshake", failed);
                          self->Upgrade();
                        });
  }

  void Upgrade() {
    if (ended_) return Drop();
    socket_.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
      namespace http = beast::http;
      request.set(http::field::user_agent, kUserAgent);
      request.set(http::field::sec_websocket_protocol, "v5.channel.k8s.io, v4.channel.k8s.io");
      if (const std::string token = credentials_->BearerToken(); !token.empty()) {
        request.set(http::field::authorization, "Bearer " + token);
      }
    }));
    socket_.binary(true);
    // The server takes each fragment for a message with a channel byte.
    socket_.auto_fragment(false);
    socket_.write_buffer_bytes(kWriteBufferBytes);
    socket_.read_message_max(kMaxMessageBytes);
    socket_.async_handshake(
        upgrade_answer_, credentials_->Server().HostAndPort(), target_,
        [self = shared_from_this()](error_code error) { self->OnUpgraded(error); });
  }

  void OnUpgraded(error_code error) {
    const bool declined = error == websocket::error::upgrade_declined;
    if (error && !declined) return Fail("upgrade", error);
    // TLS 1.3 hands sessions out after its handshake: they came before this answer.
    tls_->session.reset(SSL_get1_session(socket_.next_layer().native_handle()));
    if (declined) return Refused();
    if (ended_) return Drop();
    // From here the WebSocket's own clock watches, with pings.
    Tcp().expires_never();
    websocket::stream_base::timeout timeout{};
    timeout.handshake_timeout = options_.connect_deadline;
    timeout.idle_timeout = options_.max_silence;
    timeout.keep_alive_pings = true;
    socket_.set_option(timeout);
    open_ = true;
    Read();
    SendNext();
    Tell(handlers_.on_open);
  }

  void Refused() {
    const int status = static_cast<int>(upgrade_answer_.result_int());
    Error error = ErrorFromAnswer(status, upgrade_answer_.body(), /*retry_after_seconds=*/0);
    if (status == 401) {
      // The next attach reads it anew.
      credentials_->ForgetToken();
      error.code = ErrorCode::kUnavailable;
    }
    // 400 is how the API server says that the pod is not there yet to attach to.
    if (error.code == ErrorCode::kInvalidArgument) error.code = ErrorCode::kUnavailable;
    End(error);
  }

  void Read() {
    socket_.async_read(incoming_,
                       [self = shared_from_this()](error_code error, std::size_t /*size*/) {
                         if (error) return self->Fail("read", error);
                         self->OnMessage();
                       });
  }

  /// A message is a channel's number and bytes, cut anywhere.
  void OnMessage() {
    const auto data = incoming_.data();
    std::string_view message(static_cast<const char*>(data.data()), data.size());
    // Servers begin with an empty message on each channel.
    if (message.size() > 1) {
      const char channel = message.front();
      message.remove_prefix(1);
      if (channel == kStdoutChannel) OnStdout(message);
      if (channel == kErrorChannel) return End(ErrorFromChannel(message));
    }
    incoming_.consume(incoming_.size());
    if (!ended_) Read();
  }

  void OnStdout(std::string_view bytes) {
    std::vector<std::string> lines;
    lines_.Feed(bytes, [&lines](std::string_view line) {
      lines.emplace_back(line);
      return true;
    });
    Tell(handlers_.on_lines, lines);
  }

  void Enqueue(std::string bytes) {
    if (ended_ || bytes.empty()) return;
    bytes.insert(bytes.begin(), kStdinChannel);
    outgoing_.push_back(std::move(bytes));
    SendNext();
  }

  void SendNext() {
    if (!open_ || ended_ || writing_ || outgoing_.empty()) return;
    writing_ = true;
    socket_.async_write(asio::buffer(outgoing_.front()),
                        [self = shared_from_this()](error_code error, std::size_t /*size*/) {
                          self->writing_ = false;
                          if (error) return self->Fail("write", error);
                          self->outgoing_.pop_front();
                          self->SendNext();
                          if (self->left_ && !self->writing_) self->SayGoodbye();
                        });
  }

  template <typename Handler, typename... Arguments>
  void Tell(const Handler& handler, const Arguments&... arguments) {
    if (left_ || !handler) return;
    telling_ = true;
    handler(arguments...);
    telling_ = false;
    if (left_) handlers_ = {};
  }

  /// What was queued still goes out.
  void Depart() {
    left_ = true;
    // A handler that drops its connection must outlive its own call.
    if (!telling_) handlers_ = {};
    if (ended_) return;
    if (!open_) {
      ended_ = true;
      return Drop();
    }
    // A write ends when the container reads its stdin, which may be never.
    farewell_.expires_after(options_.connect_deadline);
    farewell_.async_wait([self = shared_from_this()](error_code cancelled) {
      if (!cancelled) self->Reset();
    });
    if (!writing_) SayGoodbye();
  }

  void SayGoodbye() {
    if (std::exchange(ended_, true)) return;
    socket_.async_close(websocket::close_code::normal,
                        [self = shared_from_this()](error_code) { self->Drop(); });
  }

  void Fail(const char* step, error_code error) {
    const bool refused = error == asio::error::connection_refused;
    End({ErrorCode::kUnavailable,
         std::string(step) + ": " + (refused ? "connection refused" : error.message())});
  }

  void End(const Error& error) {
    Drop();
    if (std::exchange(ended_, true)) return;
    Tell(handlers_.on_closed, error);
    handlers_ = {};
  }

  void Drop() {
    resolver_.cancel();
    farewell_.cancel();
    Tcp().close();
  }

  /// Otherwise the kernel would go on trying to send what the server does not take.
  void Reset() {
    error_code ignored;
    Tcp().socket().set_option(asio::socket_base::linger(/*enable=*/true, /*timeout=*/0), ignored);
    Drop();
  }

  asio::io_context& io_;
  const std::shared_ptr<Credentials> credentials_;
  const std::shared_ptr<Tls> tls_;
  const AttachOptions& options_;
  const std::string target_;
  AttachHandlers handlers_;
  LineSplitter lines_;
  tcp::resolver resolver_;
  asio::steady_timer farewell_;
  /// Without compression: the API server offers none, and Beast's code for it makes this file take
  /// half as long again to compile.
  websocket::stream<beast::ssl_stream<beast::tcp_stream>, /*deflateSupported=*/false> socket_;
  websocket::response_type upgrade_answer_;
  beast::flat_buffer incoming_;
  /// The front is being written while writing_.
  std::deque<std::string> outgoing_;
  bool open_{false};
  bool writing_{false};
  /// A handler is running.
  bool telling_{false};
  /// The owner is gone.
  bool left_{false};
  /// on_closed was called, or the owner left and all is sent.
  bool ended_{false};
};

class BeastClient final : public AttachClient {
 public:
  BeastClient(std::shared_ptr<Credentials> credentials, AttachOptions options)
      : credentials_(std::move(credentials)),
        options_(std::move(options)),
        work_(io_.get_executor()),
        thread_(base::StartThread("attach", [this](std::stop_token) { io_.run(); })) {}
  ~BeastClient() override { io_.stop(); }

  std::shared_ptr<AttachConnection> Open(const std::string& pod_name,
                                         AttachHandlers handlers) override {
    const std::string target = PodsPath(options_.run_namespace, pod_name) +
                               "/attach?container=" + PercentEncode(options_.container) +
                               "&stdin=true&stdout=true&stderr=false";
    const auto connection = std::make_shared<BeastConnection>(
        io_, credentials_, CurrentTls(), options_, target, std::move(handlers));
    connection->Start();
    return {connection.get(), [connection](AttachConnection*) { connection->Leave(); }};
  }

 private:
  /// Made anew only when the identity changed.
  std::shared_ptr<Tls> CurrentTls() {
    auto identity = credentials_->Tls();
    auto tls = tls_.Acquire();
    if (*tls == nullptr || (*tls)->identity != identity) {
      *tls = std::make_shared<Tls>(std::move(identity));
    }
    return *tls;
  }

  const std::shared_ptr<Credentials> credentials_;
  const AttachOptions options_;
  base::Guarded<std::shared_ptr<Tls>> tls_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::jthread thread_;
};

}  // namespace

std::unique_ptr<AttachClient> MakeAttachClient(std::shared_ptr<Credentials> credentials,
                                               AttachOptions options) {
  return std::make_unique<BeastClient>(std::move(credentials), std::move(options));
}

}  // namespace oneshot::kube
