#include "core/admin/admin_server.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <deque>
#include <optional>
#include <thread>
#include <utility>

#include "core/base/thread.h"

namespace oneshot::admin {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr std::size_t kMaxConnections = 32;
constexpr std::size_t kMaxHeadBytes = 4096;
constexpr std::chrono::seconds kRequestTime{2};
// After a failed accept, which is usually for want of a descriptor: trying again at once would
// fail again.
constexpr std::chrono::milliseconds kAcceptPause{50};

using Response = http::response<http::string_body>;

Response AnswerTo(const http::request_header<>& request, const AdminSources& sources) {
  Response response;
  response.keep_alive(false);
  const std::string_view target(request.target().data(), request.target().size());
  const auto path = std::ranges::find(kPaths, target.substr(0, target.find('?')));
  if (path == kPaths.end()) {
    response.result(http::status::not_found);
    response.body() = "There is nothing at this address.\n";
  } else if (request.method() == http::verb::get || request.method() == http::verb::head) {
    Page page = PageAt(*path, sources);
    response.result(static_cast<unsigned>(page.status));
    for (const auto& [name, value] : page.headers) response.set(name, value);
    response.body() = std::move(page.body);
  } else {
    response.result(request.method() == http::verb::options ? http::status::no_content
                                                            : http::status::method_not_allowed);
    response.set(http::field::allow, "GET, HEAD, OPTIONS");
  }
  response.prepare_payload();
  if (request.method() == http::verb::head) response.body().clear();
  return response;
}

/// One connection, alive as long as one of its operations is under way.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, const AdminSources& sources)
      : stream_(std::move(socket)), sources_(sources) {}

  void Start() {
    stream_.expires_after(kRequestTime);
    http::async_read_header(stream_, input_, parser_,
                            [self = shared_from_this()](error_code error, std::size_t /*size*/) {
                              if (!error) self->Answer();
                            });
  }

  void Close() { stream_.close(); }

 private:
  void Answer() {
    response_ = AnswerTo(parser_.get(), sources_);
    http::async_write(stream_, response_,
                      [self = shared_from_this()](error_code error, std::size_t /*size*/) {
                        self->stream_.socket().shutdown(tcp::socket::shutdown_send, error);
                      });
  }

  beast::tcp_stream stream_;
  const AdminSources& sources_;
  beast::flat_buffer input_{kMaxHeadBytes};
  http::request_parser<http::empty_body> parser_;
  Response response_;
};

class Server final : public AdminServer {
 public:
  Server(const tcp::endpoint& address, AdminSources sources)
      : sources_(std::move(sources)),
        acceptor_(io_, address),
        port_(acceptor_.local_endpoint().port()) {
    Accept();
    thread_ = base::StartThread("admin-http", [this](std::stop_token) { io_.run(); });
  }

  ~Server() override { io_.stop(); }

  int Port() const override { return port_; }

 private:
  void Accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (error) {
        pause_.expires_after(kAcceptPause);
        return pause_.async_wait([this](error_code) { Accept(); });
      }
      const auto connection = std::make_shared<Connection>(std::move(socket), sources_);
      connection->Start();
      Remember(connection);
      Accept();
    });
  }

  void Remember(const std::shared_ptr<Connection>& connection) {
    std::erase_if(connections_, [](const auto& each) { return each.expired(); });
    connections_.push_back(connection);
    if (connections_.size() <= kMaxConnections) return;
    if (const auto oldest = connections_.front().lock()) oldest->Close();
    connections_.pop_front();
  }

  const AdminSources sources_;
  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  asio::steady_timer pause_{io_};
  const int port_;
  /// In the order in which they came.
  std::deque<std::weak_ptr<Connection>> connections_;
  std::jthread thread_;
};

std::optional<tcp::endpoint> ParseEndpoint(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view port_text = address.substr(colon + 1);
  std::string_view host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  std::uint16_t port = 0;
  const char* const end = port_text.data() + port_text.size();
  const auto [rest, fault] = std::from_chars(port_text.data(), end, port);
  if (fault != std::errc() || rest != end) return std::nullopt;
  error_code error;
  const auto literal = asio::ip::make_address(std::string(host), error);
  if (error) return std::nullopt;
  return tcp::endpoint(literal, port);
}

}  // namespace

base::Result<std::unique_ptr<AdminServer>> AdminServer::Start(const std::string& address,
                                                              AdminSources sources) {
  const auto endpoint = ParseEndpoint(address);
  if (!endpoint) {
    return base::Error{base::ErrorCode::kInvalidArgument,
                       "not a literal address and port: " + address};
  }
  try {
    return std::unique_ptr<AdminServer>(std::make_unique<Server>(*endpoint, std::move(sources)));
  } catch (const boost::system::system_error& error) {
    return base::Error{base::ErrorCode::kUnavailable,
                       "cannot listen on " + address + ": " + error.code().message()};
  }
}

}  // namespace oneshot::admin
