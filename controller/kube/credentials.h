#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/base/result.h"

namespace oneshot::kube {

/// Of an API server, which is asked over TLS only.
struct Endpoint {
  /// Without brackets if it is an IPv6 address.
  std::string host;
  std::uint16_t port{0};

  /// With brackets where they are needed.
  std::string HostAndPort() const;
  std::string Url() const;
};

/// PEM text. `certificate` and `key` are empty unless the client shows a certificate.
struct TlsIdentity {
  std::string ca;
  std::string certificate;
  std::string key;
};

/// Where the kubelet puts what a pod needs to call the API server. Kept apart from the environment
/// for tests.
struct InClusterPlace {
  std::string host;
  std::string port;
  std::string token_file{"/var/run/secrets/kubernetes.io/serviceaccount/token"};
  std::string ca_file{"/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"};

  /// KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT; empty where there is no cluster.
  static InClusterPlace FromEnvironment();
};

/// Where the API server is and how we prove who we are. Files are read again when they may have
/// changed (the kubelet rotates tokens at 80 % of their life, and CAs rarely). Threads: any.
class Credentials {
 public:
  /// Errors: kInvalidArgument - not in a cluster, or files unreadable; the message names what.
  static base::Result<std::shared_ptr<Credentials>> InCluster(const InClusterPlace& place);

  /// The current context of a kubeconfig: client certificate, token or tokenFile; data embedded or
  /// in files. Exec plugins, insecure-skip-tls-verify and plain HTTP are refused. Errors:
  /// kInvalidArgument with the reason.
  static base::Result<std::shared_ptr<Credentials>> FromKubeconfig(const std::string& path);

  const Endpoint& Server() const { return endpoint_; }

  /// Empty when we show no token.
  std::string BearerToken();

  /// After a 401. Returns false when there is nothing newer to try.
  bool ForgetToken();

  /// The same pointer as before means: unchanged.
  std::shared_ptr<const TlsIdentity> Tls();

 private:
  /// A text, and the file it is read from again when it is older than `period`; no path: a fixed
  /// text. Threads: any.
  class FileText {
   public:
    FileText(std::string path, std::chrono::seconds period, std::string text)
        : path_(std::move(path)), period_(period), cached_(std::move(text)) {}
    std::string Get();
    /// Reads the file at the next use. False: there is none.
    bool Forget();

   private:
    struct Cached {
      std::string text;
      std::optional<base::MonotonicTime> read;
    };
    const std::string path_;
    const std::chrono::seconds period_;
    base::Guarded<Cached> cached_;
  };

  Credentials(Endpoint endpoint, std::string token_file, std::string token, std::string ca_file,
              TlsIdentity tls);

  const Endpoint endpoint_;
  FileText token_;
  FileText ca_;
  base::Guarded<std::shared_ptr<const TlsIdentity>> tls_;
};

}  // namespace oneshot::kube
