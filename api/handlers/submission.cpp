#include "api/handlers/handlers.h"
#include "api/handlers/query.h"
#include "api/handlers/respond.h"
#include "api/handlers/run_parts.h"
#include "api/http_errors.h"
#include "api/wire/objects.h"

namespace oneshot::api {

Answer SubmissionOf(Context& context, const http::Request& request, const domain::Run& run) {
  if (run.files.empty()) return JsonResponse(200, wire::SubmissionToJson(run.spec));
  const FileRead read(context);
  if (!read.is_allowed()) return http::ToResponse(TooManyFileReads(), request);
  auto files = context.store.ReadFiles(run.id);
  if (!files) return files.error();
  domain::RunSpec spec = run.spec;
  spec.files = *std::move(files);
  return JsonResponse(200, wire::SubmissionToJson(spec));
}

Answer GetSubmission(Context& context, const http::Request& request) {
  const auto id = RunIdOf(request);
  if (!id) return id.error();
  const auto run = context.store.Get(*id);
  if (!run) return run.error();
  return SubmissionOf(context, request, *run);
}

}  // namespace oneshot::api
