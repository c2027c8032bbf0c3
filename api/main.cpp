#include "api/app.h"
#include "core/config/program.h"

namespace {

using namespace oneshot;

base::Result<int> Run(config::Document document, std::stop_token stop) {
  auto options = api::ReadOptions(document);
  if (!options) return options.error();
  api::Backend backend = api::OpenBackend(*options);
  auto app = api::App::Create(*std::move(options), std::move(backend));
  if (!app) return app.error();
  return (*app)->Run(stop);
}

}  // namespace

int main(int argc, char** argv) {
  return config::RunProgram({.name = "oneshot-api", .purpose = "Serves Oneshot's REST API"}, argc,
                            argv, Run);
}
