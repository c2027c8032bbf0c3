/// TLS between a test and the servers in its own process: a certificate that is made when it is
/// first needed and forgotten with the process.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>

#include "controller/kube/credentials.h"

namespace oneshot::test {

/// Makes the certificate now: before a fork, so that both processes have the same.
void PrepareLoopbackTls();

/// What a server on 127.0.0.1 shows to its clients. Threads: any.
SSL_CTX* LoopbackServerTls();

/// For a client of such a server, without a token or with that of `token_file`.
std::shared_ptr<kube::Credentials> CredentialsFor(std::uint16_t port,
                                                  const std::string& token_file = {});

}  // namespace oneshot::test
