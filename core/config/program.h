#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "core/base/result.h"
#include "core/config/document.h"

namespace oneshot::config {

/// How a program introduces itself.
struct Program {
  /// Its file name, which begins every message: oneshot-api.
  std::string name;
  /// One line for --help.
  std::string purpose;
};

/// Runs until the token says stop, and returns the exit status. An error says why the program could
/// not start.
using Body = std::function<base::Result<int>(Document, std::stop_token)>;

/// What main does around the body, the same in every program: reads `--config FILE`, answers
/// `--help` and `--version`, turns signals into the stop token (base::Shutdown) and prints errors
/// to stderr as `name: message`. Returns the exit status: 2 when the command line or the
/// configuration is wrong (kInvalidArgument, every fault listed), 1 when the program could not
/// start for another reason. Call it before any thread exists.
int RunProgram(const Program& program, int argc, const char* const* argv, const Body& body);

}  // namespace oneshot::config
