#include "controller/kube/attach_connection.h"

#include <openssl/ssl.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <deque>
#include <type_traits>
#include <utility>

#include "controller/kube/api_error.h"
#include "controller/kube/codec.h"
#include "controller/kube/session_cache.h"

namespace oneshot::kube {

struct AttachTls {
  std::shared_ptr<const TlsIdentity> identity;
  SessionCache sessions;
  boost::asio::ssl::context context{boost::asio::ssl::context::tls_client};
};

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
constexpr char kStderrChannel = 2;
constexpr char kErrorChannel = 3;

constexpr std::size_t kMaxMessageBytes = 16U << 20;   // pieces are of 32 KiB; bounds memory
constexpr std::size_t kWriteBufferBytes = 16U << 10;  // kept by each connection once it has written

using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

/// What the end of the command on the error channel means for the owner.
Error ErrorFromChannel(std::string_view text) {
  const ApiStatus status = DecodeStatus(text);
  if (status.success) return {ErrorCode::kUnavailable, "the container ended"};
  Error error = ErrorFromStatus(status);
  if (error.message.empty()) error.message = std::string(text);
  if (error.code != ErrorCode::kNotFound) error.code = ErrorCode::kUnavailable;
  return error;
}

/// One WebSocket. Everything but construction happens on its strand; pending operations keep it
/// alive.
template <typename Stream>
class WebSocketConnection final : public AttachConnection,
                                  public std::enable_shared_from_this<WebSocketConnection<Stream>> {
 public:
  template <typename... StreamArgs>
  WebSocketConnection(AttachRequest request, std::shared_ptr<HandlerGate> gate,
                      const asio::strand<asio::io_context::executor_type>& strand,
                      StreamArgs&... stream_args)
      : request_(std::move(request)),
        gate_(std::move(gate)),
        resolver_(strand),
        socket_(strand, stream_args...) {}

  void Start() override {
    asio::dispatch(socket_.get_executor(), [self = this->shared_from_this()] { self->Connect(); });
  }

  void Write(std::string bytes) override {
    asio::post(socket_.get_executor(),
               [self = this->shared_from_this(), bytes = std::move(bytes)]() mutable {
                 self->Enqueue(std::move(bytes));
               });
  }

  void Leave() override {
    asio::post(socket_.get_executor(), [self = this->shared_from_this()] { self->Depart(); });
  }

 private:
  static constexpr bool kIsTls = std::is_same_v<Stream, TlsStream>;

  void Connect() {
    if (ended_) return;
    auto& stream = beast::get_lowest_layer(socket_);
    stream.expires_after(request_.connect_deadline);
    error_code not_an_address;
    const auto address = asio::ip::make_address(request_.server.host, not_an_address);
    if (!not_an_address) {
      stream.async_connect(
          tcp::endpoint(address, request_.server.port),
          [self = this->shared_from_this()](error_code error) { self->OnConnected(error); });
      return;
    }
    resolver_.async_resolve(
        request_.server.host, std::to_string(request_.server.port),
        [self = this->shared_from_this()](error_code error, tcp::resolver::results_type found) {
          if (error) return self->Fail("resolve", error);
          beast::get_lowest_layer(self->socket_)
              .async_connect(found, [self](error_code failed, const tcp::endpoint&) {
                self->OnConnected(failed);
              });
        });
  }

  void OnConnected(error_code error) {
    if (error) return Fail("connect", error);
    error_code ignored;
    beast::get_lowest_layer(socket_).socket().set_option(tcp::no_delay(true), ignored);
    if constexpr (kIsTls) {
      auto& tls = socket_.next_layer();
      SSL* native = tls.native_handle();
      // A server's name is a name, not an address (RFC 6066, section 3).
      error_code is_name;
      asio::ip::make_address(request_.server.host, is_name);
      if (is_name) SSL_set_tlsext_host_name(native, request_.server.host.c_str());
      tls.set_verify_callback(asio::ssl::host_name_verification(request_.server.host));
      request_.tls->sessions.Offer(native);
      tls.async_handshake(asio::ssl::stream_base::client,
                          [self = this->shared_from_this()](error_code failed) {
                            if (failed) return self->Fail("TLS handshake", failed);
                            self->Upgrade();
                          });
    } else {
      Upgrade();
    }
  }

  void Upgrade() {
    if (ended_) return Drop();
    socket_.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
      namespace http = beast::http;
      request.set(http::field::user_agent, request_.user_agent);
      request.set(http::field::sec_websocket_protocol, "v5.channel.k8s.io, v4.channel.k8s.io");
      if (const std::string token = request_.credentials->BearerToken(); !token.empty()) {
        request.set(http::field::authorization, "Bearer " + token);
      }
    }));
    socket_.binary(true);
    socket_.auto_fragment(
        false);  // the server takes each fragment for a message with a channel byte
    socket_.write_buffer_bytes(kWriteBufferBytes);
    socket_.read_message_max(kMaxMessageBytes);
    socket_.async_handshake(
        upgrade_answer_, request_.server.HostAndPort(), request_.target,
        [self = this->shared_from_this()](error_code error) { self->OnUpgraded(error); });
  }

  void OnUpgraded(error_code error) {
    if (error == websocket::error::upgrade_declined) return Refused();
    if (error) return Fail("upgrade", error);
    if (ended_) return Drop();
    // From here the WebSocket's own clock watches, with pings.
    beast::get_lowest_layer(socket_).expires_never();
    websocket::stream_base::timeout timeout{};
    timeout.handshake_timeout = request_.connect_deadline;
    timeout.idle_timeout = request_.max_silence;
    timeout.keep_alive_pings = true;
    socket_.set_option(timeout);
    open_ = true;
    Read();
    gate_->Open();
    SendNext();
  }

  void Refused() {
    const int status = static_cast<int>(upgrade_answer_.result_int());
    Error error = ErrorFromAnswer(status, upgrade_answer_.body(), /*retry_after_seconds=*/0);
    if (status == 401) {
      request_.credentials->ForgetToken();  // the next attach reads it anew
      error.code = ErrorCode::kUnavailable;
    }
    // 400 is how the API server says that the pod is not there yet to attach to.
    if (error.code == ErrorCode::kInvalidArgument) error.code = ErrorCode::kUnavailable;
    End(error);
  }

  void Read() {
    socket_.async_read(incoming_,
                       [self = this->shared_from_this()](error_code error, std::size_t /*size*/) {
                         if (error) return self->Fail("read", error);
                         self->OnMessage();
                       });
  }

  void OnMessage() {
    const auto data = incoming_.data();
    std::string_view message(static_cast<const char*>(data.data()), data.size());
    if (!message.empty()) {
      const char channel = message.front();
      message.remove_prefix(1);
      if (channel == kStdoutChannel && !message.empty()) gate_->Stdout(message);
      if (channel == kStderrChannel && !message.empty()) gate_->Stderr(message);
      if (channel == kErrorChannel && !message.empty()) return End(ErrorFromChannel(message));
    }
    incoming_.consume(incoming_.size());
    if (!ended_) Read();
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
                        [self = this->shared_from_this()](error_code error, std::size_t /*size*/) {
                          self->writing_ = false;
                          if (error) return self->Fail("write", error);
                          self->outgoing_.pop_front();
                          self->SendNext();
                          if (self->leaving_ && !self->writing_) self->SayGoodbye();
                        });
  }

  /// The owner left and nobody listens any more; what was already queued still goes out.
  void Depart() {
    if (ended_) return;
    leaving_ = true;
    if (!open_) {
      ended_ = true;
      Drop();
    } else if (!writing_) {
      SayGoodbye();
    }
  }

  void SayGoodbye() {
    if (std::exchange(ended_, true)) return;
    socket_.async_close(websocket::close_code::normal,
                        [self = this->shared_from_this()](error_code) { self->Drop(); });
  }

  void Fail(const char* step, error_code error) {
    const bool refused = error == asio::error::connection_refused;
    End({ErrorCode::kUnavailable,
         std::string(step) + ": " + (refused ? "connection refused" : error.message())});
  }

  void End(const Error& error) {
    Drop();
    if (std::exchange(ended_, true)) return;
    gate_->Closed(error);
  }

  void Drop() {
    resolver_.cancel();
    beast::get_lowest_layer(socket_).close();
  }

  AttachRequest request_;
  const std::shared_ptr<HandlerGate> gate_;
  tcp::resolver resolver_;
  websocket::stream<Stream, /*deflateSupported=*/false> socket_;  // the API server offers none
  websocket::response_type upgrade_answer_;
  beast::flat_buffer incoming_;
  std::deque<std::string> outgoing_;  // front is being written while writing_
  bool open_{false};
  bool writing_{false};
  bool leaving_{false};
  bool ended_{false};  // on_closed was told, or the owner left and all is sent
};

}  // namespace

std::shared_ptr<AttachTls> MakeAttachTls(std::shared_ptr<const TlsIdentity> identity) {
  auto tls = std::make_shared<AttachTls>();
  tls->identity = std::move(identity);
  asio::ssl::context& context = tls->context;
  const TlsIdentity& pem = *tls->identity;
  error_code unusable;  // then the handshake fails and says so
  context.set_verify_mode(asio::ssl::verify_peer, unusable);
  context.add_certificate_authority(asio::buffer(pem.ca), unusable);
  if (!pem.certificate.empty()) {
    context.use_certificate_chain(asio::buffer(pem.certificate), unusable);
    context.use_private_key(asio::buffer(pem.key), asio::ssl::context::pem, unusable);
  }
  tls->sessions.AttachTo(context.native_handle());
  return tls;
}

const std::shared_ptr<const TlsIdentity>& IdentityOf(const AttachTls& tls) { return tls.identity; }

std::shared_ptr<AttachConnection> MakeAttachConnection(asio::io_context& io, AttachRequest request,
                                                       std::shared_ptr<HandlerGate> gate) {
  const auto strand = asio::make_strand(io.get_executor());
  if (request.tls == nullptr) {
    return std::make_shared<WebSocketConnection<PlainStream>>(std::move(request), std::move(gate),
                                                              strand);
  }
  asio::ssl::context& context = request.tls->context;
  return std::make_shared<WebSocketConnection<TlsStream>>(std::move(request), std::move(gate),
                                                          strand, context);
}

}  // namespace oneshot::kube
