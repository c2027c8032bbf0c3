#include "core/config/program.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <utility>

#include "core/base/shutdown.h"
#include "core/base/version.h"

namespace oneshot::config {
namespace {

int Fail(const Program& program, const std::string& message, int exit_status) {
  std::fprintf(stderr, "%s: %s\n", program.name.c_str(), message.c_str());
  return exit_status;
}

}  // namespace

int RunProgram(const Program& program, int argc, const char* const* argv, const Body& body) {
  CLI::App command_line(program.purpose, program.name);
  std::string file_name;
  command_line.add_option("--config", file_name, "Configuration file, see docs/configuration.md")
      ->type_name("FILE")
      ->required();
  command_line.set_version_flag("--version", program.name + " " + base::Version());
  try {
    command_line.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // --help and --version come here as well.
    if (error.get_exit_code() == 0) return command_line.exit(error);
    const std::string usage = program.name + " --config FILE | --help | --version";
    return Fail(program, std::string(error.what()) + "\nusage: " + usage, 2);
  }
  auto document = Document::Load(file_name);
  if (!document) return Fail(program, document.error().message, 2);

  const base::Shutdown shutdown;
  const base::Result<int> exit_status = body(*std::move(document), shutdown.Token());
  if (exit_status) return *exit_status;
  const base::Error& error = exit_status.error();
  return Fail(program, error.message, error.code == base::ErrorCode::kInvalidArgument ? 2 : 1);
}

}  // namespace oneshot::config
