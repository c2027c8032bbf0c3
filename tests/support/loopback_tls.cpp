#include "tests/support/loopback_tls.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/base/base64.h"

namespace oneshot::test {
namespace {

void Must(bool done) {
  if (!done) std::abort();  // OpenSSL is out of memory or of another version
}

void AddExtension(X509* certificate, int id, const char* value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value);
  Must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

/// Signed by itself, for 127.0.0.1, valid from an hour ago for a day.
X509* MakeCertificate(EVP_PKEY* key) {
  constexpr long kVersion3 = 2;
  constexpr long kHour = 3600;
  X509* certificate = X509_new();
  Must(certificate != nullptr && X509_set_version(certificate, kVersion3) == 1);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -kHour);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 24 * kHour);
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto* common_name = reinterpret_cast<const unsigned char*>("oneshot test");
  Must(X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_ASC, common_name, -1, -1, 0) == 1);
  Must(X509_set_issuer_name(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1);
  AddExtension(certificate, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(certificate, NID_subject_alt_name, "IP:127.0.0.1");
  Must(X509_sign(certificate, key, EVP_sha256()) > 0);
  return certificate;
}

std::string ToPem(X509* certificate) {
  BIO* memory = BIO_new(BIO_s_mem());
  Must(memory != nullptr && PEM_write_bio_X509(memory, certificate) == 1);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  std::string pem(bytes, static_cast<std::size_t>(size));
  BIO_free(memory);
  return pem;
}

struct LoopbackTls {
  LoopbackTls() : context(SSL_CTX_new(TLS_server_method())) {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    Must(context != nullptr && key != nullptr);
    X509* certificate = MakeCertificate(key);
    pem = ToPem(certificate);
    Must(SSL_CTX_use_certificate(context, certificate) == 1 &&
         SSL_CTX_use_PrivateKey(context, key) == 1);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    X509_free(certificate);
    EVP_PKEY_free(key);
  }

  SSL_CTX* const context;
  std::string pem;
};

/// Never destroyed: servers may outlive main's statics.
const LoopbackTls& Instance() {
  static const auto* const kTls = new LoopbackTls();
  return *kTls;
}

}  // namespace

void PrepareLoopbackTls() { Instance(); }

SSL_CTX* LoopbackServerTls() { return Instance().context; }

std::shared_ptr<kube::Credentials> CredentialsFor(std::uint16_t port,
                                                  const std::string& token_file) {
  const auto kubeconfig =
      std::filesystem::temp_directory_path() /
      ("oneshot-kubeconfig-" + std::to_string(getpid()) + "-" + std::to_string(port));
  std::ofstream(kubeconfig) << "current-context: test\n"
                            << "contexts: [{name: test, context: {cluster: test, user: test}}]\n"
                            << "clusters: [{name: test, cluster: {server: 'https://127.0.0.1:"
                            << port << "', certificate-authority-data: "
                            << base::Base64Encode(Instance().pem) << "}}]\n"
                            << "users: [{name: test, user: {"
                            << (token_file.empty() ? "" : "tokenFile: '" + token_file + "'")
                            << "}}]\n";
  auto credentials = kube::Credentials::FromKubeconfig(kubeconfig);
  std::filesystem::remove(kubeconfig);
  Must(credentials.operator bool());
  return *std::move(credentials);
}

}  // namespace oneshot::test
