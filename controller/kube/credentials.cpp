#include "controller/kube/credentials.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
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
  constexpr std::string_view kScheme = "https://";
  if (!url.starts_with(kScheme)) return std::nullopt;
  std::string rest = url.substr(kScheme.size());
  while (rest.ends_with('/')) rest.pop_back();
  // No server behind a path prefix.
  if (rest.find('/') != std::string::npos) return std::nullopt;
  const std::size_t bracket = rest.find(']');
  const std::size_t colon = rest.find(':', bracket == std::string::npos ? 0 : bracket);
  const auto port = ParsePort(colon == std::string::npos ? "443" : rest.substr(colon + 1));
  Endpoint endpoint;
  endpoint.host = rest.substr(0, colon);
  if (endpoint.host.starts_with('[') && endpoint.host.ends_with(']')) {
    endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
  }
  if (endpoint.host.empty() || !port) return std::nullopt;
  endpoint.port = *port;
  return endpoint;
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
  const auto now = std::chrono::steady_clock::now();
  const TlsIdentity tls{*ca, {}, {}};
  return std::shared_ptr<Credentials>(
      new Credentials(Endpoint{place.host, *port}, Sources{place.token_file, place.ca_file},
                      Cached{Trimmed(*token), now, std::make_shared<const TlsIdentity>(tls), now}));
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

  const auto now = std::chrono::steady_clock::now();
  TlsIdentity tls{Material(cluster, "certificate-authority", folder),
                  Material(user, "client-certificate", folder),
                  Material(user, "client-key", folder)};
  if (tls.ca.empty()) return Invalid(path + ": no certificate-authority");
  Sources sources;
  Cached cached{user["token"].as<std::string>(""), now,
                std::make_shared<const TlsIdentity>(std::move(tls)), now};
  if (const YAML::Node file = user["tokenFile"]) {
    sources.token_file = folder / file.as<std::string>();
    cached.token_read.reset();
  }
  return std::shared_ptr<Credentials>(
      new Credentials(*endpoint, std::move(sources), std::move(cached)));
} catch (const YAML::Exception& error) {
  return Invalid(path + ": " + error.what());
}

Credentials::Credentials(Endpoint endpoint, Sources sources, Cached cached)
    : endpoint_(std::move(endpoint)), sources_(std::move(sources)), cached_(std::move(cached)) {}

std::string Credentials::BearerToken() {
  const auto now = std::chrono::steady_clock::now();
  {
    auto cached = cached_.Acquire();
    const bool fresh = cached->token_read && now - *cached->token_read < kTokenPeriod;
    if (sources_.token_file.empty() || fresh) return cached->token;
  }
  auto read = ReadFile(sources_.token_file);
  auto cached = cached_.Acquire();
  // An unreadable file keeps the old token: the kubelet may be replacing it just now.
  if (read) cached->token = Trimmed(*std::move(read));
  cached->token_read = now;
  return cached->token;
}

bool Credentials::ForgetToken() {
  if (sources_.token_file.empty()) return false;
  auto cached = cached_.Acquire();
  cached->token_read.reset();
  return true;
}

std::shared_ptr<const TlsIdentity> Credentials::Tls() {
  const auto now = std::chrono::steady_clock::now();
  std::shared_ptr<const TlsIdentity> known;
  {
    auto cached = cached_.Acquire();
    known = cached->tls;
    if (sources_.ca_file.empty() || now - cached->ca_read < kCaPeriod) return known;
    cached->ca_read = now;
  }
  const auto ca = ReadFile(sources_.ca_file);
  if (!ca || *ca == known->ca) return known;
  auto renewed = std::make_shared<TlsIdentity>(*known);
  renewed->ca = *ca;
  auto cached = cached_.Acquire();
  cached->tls = std::move(renewed);
  return cached->tls;
}

}  // namespace oneshot::kube
