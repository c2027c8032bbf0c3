#include "controller/app.h"
#include "core/config/program.h"

namespace {

using namespace oneshot;

base::Result<int> Run(config::Document document, std::stop_token stop) {
  auto options = controller::ReadOptions(document);
  if (!options) return options.error();
  auto app = controller::App::Create(*std::move(options), stop);
  if (!app) return app.error();
  return (*app)->Run(stop);
}

}  // namespace

int main(int argc, char** argv) {
  return config::RunProgram(
      {.name = "oneshot-controller", .purpose = "Runs submissions as Kubernetes Jobs"}, argc, argv,
      Run);
}
