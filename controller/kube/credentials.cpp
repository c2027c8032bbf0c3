#include "controller/kube/credentials.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <regex>
#include <sstream>
#include <string_view>
#include <utility>

#include "core/base/base64.h"

namespace oneshot::kube {
namespace {

using namespace std::chrono_literals;

// client-go transport/token_source.go and ca_rotation.go.
constexpr auto kTokenPeriod = 60s;
constexpr auto kCaPeriod = 5min;

base::Error Invalid(const std::string& message) {
  return {base::ErrorCode::kInvalidArgument, message};
}

std::optional<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream content;
  content << file.rdbuf();
  return std::move(content).str();
}

std::string Trimmed(std::string text) {
  constexpr const char* kSpace = " \t\r\n";
  text.erase(text.find_last_not_of(kSpace) + 1);
  text.erase(0, text.find_first_not_of(kSpace));
  return text;
}

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

std::optional<Endpoint> ParseServer(const std::string& url) {
  // No server behind a path prefix.
  static const std::regex kServer(R"(https://(?:\[([^/\]]+)\]|([^/:\[\]]+))(?::([^/]*))?/*)");
  std::smatch parts;
  if (!std::regex_match(url, parts, kServer)) return std::nullopt;
  const auto port = ParsePort(parts[3].matched ? parts[3].str() : "443");
  if (!port) return std::nullopt;
  return Endpoint{parts[1].str() + parts[2].str(), *port};
}

/// `kind` is cluster, user or context: the entry called `name` in the list `<kind>s`.
YAML::Node Named(const YAML::Node& root, const std::string& kind, const std::string& name) {
  for (const YAML::Node& entry : root[kind + "s"]) {
    if (entry["name"].as<std::string>("") == name) return entry[kind];
  }
  throw YAML::Exception(YAML::Mark::null_mark(), "no " + kind + " named '" + name + "'");
}

/// `<key>-data` (base64), or the content of the file that `<key>` names, relative to the
/// kubeconfig.
std::string Material(const YAML::Node& node, const std::string& key,
                     const std::filesystem::path& folder) {
  if (const YAML::Node data = node[key + "-data"]) {
    const auto bytes = base::Base64Decode(Trimmed(data.as<std::string>()));
    if (!bytes) throw YAML::Exception(YAML::Mark::null_mark(), key + "-data is not base64");
    return *bytes;
  }
  if (const YAML::Node file = node[key]) {
    const auto content = ReadFile(folder / file.as<std::string>());
    if (!content) throw YAML::Exception(YAML::Mark::null_mark(), key + " cannot be read");
    return *content;
  }
  return {};
}

}  // namespace

std::string Endpoint::HostAndPort() const {
  const bool bare_ipv6 = host.find(':') != std::string::npos;
  return (bare_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string Endpoint::Url() const { return "https://" + HostAndPort(); }

InClusterPlace InClusterPlace::FromEnvironment() {
  InClusterPlace place;
  if (const char* host = std::getenv("KUBERNETES_SERVICE_HOST")) place.host = host;
  if (const char* port = std::getenv("KUBERNETES_SERVICE_PORT")) place.port = port;
  return place;
}

base::Result<std::shared_ptr<Credentials>> Credentials::InCluster(const InClusterPlace& place) {
  const auto port = ParsePort(place.port);
  if (place.host.empty() || !port) return Invalid("not in a cluster: no service address");
  const auto token = ReadFile(place.token_file);
  if (!token) return Invalid("cannot read the token file " + place.token_file);
  const auto ca = ReadFile(place.ca_file);
  if (!ca) return Invalid("cannot read the CA file " + place.ca_file);
  return std::shared_ptr<Credentials>(
      new Credentials({place.host, *port}, place.token_file, *token, place.ca_file, {.ca = *ca}));
}

base::Result<std::shared_ptr<Credentials>> Credentials::FromKubeconfig(
    const std::string& path) try {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  const YAML::Node root = YAML::LoadFile(path);
  const YAML::Node context = Named(root, "context", root["current-context"].as<std::string>(""));
  const YAML::Node cluster = Named(root, "cluster", context["cluster"].as<std::string>(""));
  const YAML::Node user = Named(root, "user", context["user"].as<std::string>(""));
  if (cluster["insecure-skip-tls-verify"].as<bool>(false)) {
    return Invalid(path + ": insecure-skip-tls-verify is not supported");
  }
  if (user["exec"]) return Invalid(path + ": exec credential plugins are not supported");
  const auto endpoint = ParseServer(cluster["server"].as<std::string>(""));
  if (!endpoint) return Invalid(path + ": unusable server address");

  TlsIdentity tls{Material(cluster, "certificate-authority", folder),
                  Material(user, "client-certificate", folder),
                  Material(user, "client-key", folder)};
  if (tls.ca.empty()) return Invalid(path + ": no certificate-authority");
  std::string token_file;
  if (const YAML::Node file = user["tokenFile"]) token_file = folder / file.as<std::string>();
  return std::shared_ptr<Credentials>(new Credentials(*endpoint, std::move(token_file),
                                                      user["token"].as<std::string>(""),
                                                      /*ca_file=*/{}, std::move(tls)));
} catch (const YAML::Exception& error) {
  return Invalid(path + ": " + error.what());
}

Credentials::Credentials(Endpoint endpoint, std::string token_file, std::string token,
                         std::string ca_file, TlsIdentity tls)
    : endpoint_(std::move(endpoint)),
      token_(std::move(token_file), kTokenPeriod, std::move(token)),
      ca_(std::move(ca_file), kCaPeriod, tls.ca),
      tls_(std::make_shared<const TlsIdentity>(std::move(tls))) {}

std::string Credentials::FileText::Get() {
  const auto now = std::chrono::steady_clock::now();
  {
    auto cached = cached_.Acquire();
    const bool fresh = cached->read && now - *cached->read < period_;
    if (path_.empty() || fresh) return cached->text;
  }
  auto read = ReadFile(path_);
  auto cached = cached_.Acquire();
  // An unreadable file keeps the old text: the kubelet may be replacing it just now.
  if (read) cached->text = *std::move(read);
  cached->read = now;
  return cached->text;
}

bool Credentials::FileText::Forget() {
  if (path_.empty()) return false;
  auto cached = cached_.Acquire();
  cached->read.reset();
  return true;
}

std::string Credentials::BearerToken() { return Trimmed(token_.Get()); }

bool Credentials::ForgetToken() { return token_.Forget(); }

std::shared_ptr<const TlsIdentity> Credentials::Tls() {
  const std::string ca = ca_.Get();
  auto tls = tls_.Acquire();
  if (ca != (*tls)->ca) {
    auto renewed = std::make_shared<TlsIdentity>(**tls);
    renewed->ca = ca;
    *tls = std::move(renewed);
  }
  return *tls;
}

}  // namespace oneshot::kube
