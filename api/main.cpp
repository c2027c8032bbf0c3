#include <cstdio>

#include "api/app.h"
#include "core/base/shutdown.h"

namespace {

int ExitWith(const oneshot::base::Error& error) {
  std::fprintf(stderr, "oneshot-api: %s\n", error.message.c_str());
  return error.code == oneshot::base::ErrorCode::kInvalidArgument ? 2 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace oneshot;
  base::Shutdown shutdown;  // before any thread exists
  const auto options = api::LoadOptions(argc, argv);
  if (!options) return ExitWith(options.error());  // 2: bad configuration, every fault listed
  const auto app = api::App::Create(*options, api::OpenBackend(*options));
  if (!app) return ExitWith(app.error());  // 1: could not start
  return (*app)->Run(shutdown.Token());
}
