#include "controller/kube/http.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

namespace oneshot::kube {
namespace {

using base::Error;
using base::ErrorCode;
using std::chrono::steady_clock;

constexpr long kConnectTimeoutMs = 5'000;
constexpr long kKeepAliveIdleSeconds = 30;
constexpr long kKeepAliveIntervalSeconds = 10;
// With bytes unacknowledged for this long the peer is gone.
constexpr unsigned kTcpUserTimeoutMs = 30'000;
// Under the server's own limit of 90 s, so that we seldom meet a closed connection.
constexpr long kMaxIdleSeconds = 60;
constexpr std::size_t kMaxIdleConnections = 32;
// Kubelets rotate logs at 10 MiB, and lists come in pages; this only bounds memory.
constexpr std::size_t kMaxBodyBytes = 64U << 20;

void InitialiseCurlOnce() {
  static const CURLcode kResult = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (kResult != CURLE_OK) std::abort();
}

int TuneSocket(void* /*unused*/, curl_socket_t socket, curlsocktype /*purpose*/) {
  // Best effort: without it a dead peer is noticed later.
  static_cast<void>(setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &kTcpUserTimeoutMs,
                               sizeof kTcpUserTimeoutMs));
  return CURL_SOCKOPT_OK;
}

curl_blob Blob(const std::string& bytes) {
  // curl does not write to it; the string outlives the transfer.
  return {const_cast<char*>(bytes.data()), bytes.size(), CURL_BLOB_NOCOPY};
}

}  // namespace

const char* const kUserAgent = "oneshot-controller/" ONESHOT_VERSION;

/// One easy handle with its own connection cache; one thread at a time.
class HttpTransport::Connection {
 public:
  Connection() : multi_(curl_multi_init()), easy_(curl_easy_init()) {
    if (multi_ == nullptr || easy_ == nullptr) std::abort();  // out of memory
  }
  ~Connection() {
    curl_easy_cleanup(easy_);
    curl_multi_cleanup(multi_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  base::Result<HttpAnswer> Perform(Credentials& credentials, const HttpRequest& request,
                                   const std::stop_token& stop);

 private:
  void Prepare(Credentials& credentials);
  /// What curl says about the transfer's end. Errors: kCancelled; kUnknownOutcome - silence.
  base::Result<CURLcode> Drive(const std::stop_token& stop);
  base::Result<HttpAnswer> Conclude(CURLcode result);
  std::size_t OnBody(std::string_view bytes);
  static std::size_t OnBodyThunk(char* bytes, std::size_t size, std::size_t count, void* self) {
    return static_cast<Connection*>(self)->OnBody({bytes, size * count});
  }

  CURLM* multi_;
  CURL* easy_;
  std::shared_ptr<const TlsIdentity> tls_;

  // Of the current transfer.
  const HttpRequest* request_{nullptr};
  curl_slist* headers_{nullptr};
  char trouble_[CURL_ERROR_SIZE];  // what curl says about a failure, empty if nothing
  HttpAnswer answer_;
  bool over_limit_{false};
  bool ended_by_receiver_{false};
  steady_clock::time_point last_byte_;
};

void HttpTransport::Connection::Prepare(Credentials& credentials) {
  curl_easy_reset(easy_);  // keeps connections and TLS sessions
  const auto set = [this](CURLoption option, auto value) {
    // Only out of memory or a curl built without the feature can fail here; neither can go on.
    if (curl_easy_setopt(easy_, option, value) != CURLE_OK) std::abort();
  };
  const auto add_header = [this](const std::string& line) {
    headers_ = curl_slist_append(headers_, line.c_str());
  };
  const Endpoint& server = credentials.Server();
  set(CURLOPT_URL, (server.Url() + request_->target).c_str());
  set(CURLOPT_PROTOCOLS_STR, "https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_PROXY, "");  // the environment's proxy is for the internet, not for the cluster
  set(CURLOPT_USERAGENT, kUserAgent);
  set(CURLOPT_NOSIGNAL, 1L);
  trouble_[0] = '\0';
  set(CURLOPT_ERRORBUFFER, trouble_);
  set(CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
  if (!request_->on_bytes) set(CURLOPT_TIMEOUT_MS, static_cast<long>(request_->deadline.count()));
  set(CURLOPT_MAXAGE_CONN, kMaxIdleSeconds);
  set(CURLOPT_TCP_NODELAY, 1L);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_TCP_KEEPIDLE, kKeepAliveIdleSeconds);
  set(CURLOPT_TCP_KEEPINTVL, kKeepAliveIntervalSeconds);
  set(CURLOPT_SOCKOPTFUNCTION, &TuneSocket);
  set(CURLOPT_WRITEFUNCTION, &OnBodyThunk);
  set(CURLOPT_WRITEDATA, this);

  tls_ = credentials.Tls();
  curl_blob ca = Blob(tls_->ca);
  set(CURLOPT_CAINFO_BLOB, &ca);
  // The cluster's CA and no other.
  set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  if (!tls_->certificate.empty()) {
    curl_blob certificate = Blob(tls_->certificate);
    curl_blob key = Blob(tls_->key);
    set(CURLOPT_SSLCERT_BLOB, &certificate);
    set(CURLOPT_SSLKEY_BLOB, &key);
  }

  add_header("Accept: application/json");
  add_header("Expect:");  // no extra round trip before larger bodies
  if (const std::string token = credentials.BearerToken(); !token.empty()) {
    add_header("Authorization: Bearer " + token);
  }
  set(CURLOPT_CUSTOMREQUEST, request_->method.c_str());
  if (!request_->body.empty()) {
    add_header(request_->method == "PATCH" ? "Content-Type: application/merge-patch+json"
                                           : "Content-Type: application/json");
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_->body.size()));
    set(CURLOPT_POSTFIELDS, request_->body.c_str());
  }
  set(CURLOPT_HTTPHEADER, headers_);
}

std::size_t HttpTransport::Connection::OnBody(std::string_view bytes) {
  last_byte_ = steady_clock::now();
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  if (request_->on_bytes && status == 200) {
    ended_by_receiver_ = !request_->on_bytes(bytes);
    return ended_by_receiver_ ? 0 : bytes.size();
  }
  over_limit_ = answer_.body.size() + bytes.size() > kMaxBodyBytes;
  if (over_limit_) return 0;
  answer_.body.append(bytes);
  return bytes.size();
}

base::Result<CURLcode> HttpTransport::Connection::Drive(const std::stop_token& stop) {
  constexpr int kMaxPollMs = 1'000;  // bounds how late silence is noticed
  const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi_); });
  for (;;) {
    int running = 0;
    curl_multi_perform(multi_, &running);
    if (running == 0) break;
    if (stop.stop_requested()) return Error{ErrorCode::kCancelled, "stopping"};
    int poll_ms = kMaxPollMs;
    if (request_->on_bytes) {
      const auto left = request_->max_silence - (steady_clock::now() - last_byte_);
      if (left <= left.zero()) return Error{ErrorCode::kUnknownOutcome, "the server fell silent"};
      const auto left_ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
      poll_ms = static_cast<int>(std::min<long long>(left_ms, kMaxPollMs));
    }
    curl_multi_poll(multi_, nullptr, 0, poll_ms, nullptr);
  }
  // Of the one transfer that there is.
  int left = 0;
  const CURLMsg* message = curl_multi_info_read(multi_, &left);
  return message == nullptr ? CURLE_RECV_ERROR : message->data.result;
}

base::Result<HttpAnswer> HttpTransport::Connection::Conclude(CURLcode result) {
  if (over_limit_) return Error{ErrorCode::kInternal, "the answer is over its size limit"};
  if (result == CURLE_OK || ended_by_receiver_) {
    long status = 0;
    curl_off_t retry_after = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy_, CURLINFO_RETRY_AFTER, &retry_after);
    constexpr curl_off_t kMaxRetryAfter = 300;  // an absurd value must not stall us
    answer_.status = static_cast<int>(status);
    answer_.retry_after_seconds = static_cast<int>(std::min(retry_after, kMaxRetryAfter));
    return std::move(answer_);
  }
  long sent_bytes = 0;
  curl_easy_getinfo(easy_, CURLINFO_REQUEST_SIZE, &sent_bytes);
  return Error{sent_bytes > 0 ? ErrorCode::kUnknownOutcome : ErrorCode::kUnavailable,
               trouble_[0] != '\0' ? trouble_ : curl_easy_strerror(result)};
}

base::Result<HttpAnswer> HttpTransport::Connection::Perform(Credentials& credentials,
                                                            const HttpRequest& request,
                                                            const std::stop_token& stop) {
  request_ = &request;
  answer_ = {};
  over_limit_ = false;
  ended_by_receiver_ = false;
  last_byte_ = steady_clock::now();
  Prepare(credentials);
  curl_multi_add_handle(multi_, easy_);
  const auto result = Drive(stop);
  auto answer = result ? Conclude(*result) : base::Result<HttpAnswer>(result.error());
  curl_multi_remove_handle(multi_, easy_);  // closes the connection if the transfer was not over
  curl_slist_free_all(std::exchange(headers_, nullptr));
  return answer;
}

HttpTransport::HttpTransport(std::shared_ptr<Credentials> credentials)
    : credentials_(std::move(credentials)) {
  InitialiseCurlOnce();
}

HttpTransport::~HttpTransport() = default;

std::unique_ptr<HttpTransport::Connection> HttpTransport::Take() {
  auto idle = idle_.Acquire();
  if (idle->empty()) return std::make_unique<Connection>();
  auto connection = std::move(idle->back());  // the one used last is the likeliest to be open
  idle->pop_back();
  return connection;
}

void HttpTransport::GiveBack(std::unique_ptr<Connection> connection) {
  auto idle = idle_.Acquire();
  if (idle->size() < kMaxIdleConnections) idle->push_back(std::move(connection));
}

base::Result<HttpAnswer> HttpTransport::Send(const HttpRequest& request, std::stop_token stop) {
  auto connection = Take();
  auto answer = connection->Perform(*credentials_, request, stop);
  if (answer && answer->status == 401 && credentials_->ForgetToken()) {
    answer = connection->Perform(*credentials_, request, stop);
  }
  GiveBack(std::move(connection));
  return answer;
}

}  // namespace oneshot::kube
