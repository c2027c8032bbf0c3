#include <cstdio>

#include "controller/app.h"
#include "core/base/shutdown.h"

namespace {

int ExitWith(const oneshot::base::Error& error, int code) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  const oneshot::base::Shutdown shutdown;  // before any thread exists
  auto options = oneshot::controller::LoadOptions(argc, argv);
  if (!options) return ExitWith(options.error(), 2);
  auto app = oneshot::controller::App::Create(*std::move(options), shutdown.Token());
  if (!app) return ExitWith(app.error(), 1);
  return (*app)->Run(shutdown.Token());
}
