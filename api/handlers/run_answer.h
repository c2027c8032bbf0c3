#pragma once

#include <memory>
#include <optional>

#include "api/handlers/context.h"
#include "api/handlers/query.h"
#include "api/http/responder.h"
#include "api/wire/objects.h"

namespace oneshot::api {

/// What a client wants to be told of a run, and for how long it waits to be told.
struct RunQuestion {
  enum class Output { kNone, kSeparate, kMerged } output{Output::kSeparate};
  /// Of merged output, the last record that the client has.
  std::optional<wire::EventId> after{};
  /// For newer output when `after` is there, else for the end of the run; for the end in any case.
  base::MonotonicTime::duration wait{0};
};

/// The query parameters `wait` and `output`.
RunQuestion ReadRunQuestion(Query& query);
/// Besides them `after`, for a run that may have printed already.
RunQuestion ReadOutputQuestion(Query& query);
/// `output` and `after`, for a run that has ended.
RunQuestion ReadFinalOutputQuestion(Query& query);

/// `run` with the output that is asked for, of which it holds at most wire::kMaxInlineBytes of each
/// stream and a page, however much is stored.
base::Result<wire::RunView> ReadOutputOf(Context& context, domain::Run run,
                                         const RunQuestion& question);

/// The answer's part about output when none could be read, or there is none.
wire::RunOutput NoOutput(const RunQuestion& question, bool may_have_more);

/// Answers one request with a run, once: when it is what the client waits for, or time is up.
/// Threads: one look at a time (RunWatch sees to that).
class RunAnswer {
 public:
  /// `view` is what is known now; `head` is the answer without its body. `context` must outlive it.
  RunAnswer(Context& context, RunQuestion question, wire::RunView view, http::Response head,
            http::Responder responder);

  /// Has `answer` look at the run until it has answered. False when it does not want to wait, or
  /// too many do.
  static bool Wait(const std::shared_ptr<RunAnswer>& answer, RunWatch::FirstLook first);

  /// Waits, or has `answer` answer with what the store says now.
  static void Begin(const std::shared_ptr<RunAnswer>& answer);

  /// Answers with what is known.
  void Send();
  /// Has the answer tell that the run waits in the queue at `position`.
  void SetQueuePosition(std::int64_t position) { view_.queue_position = position; }

 private:
  void Read();
  RunWatch::Next Look(RunWatch::Reason reason);
  /// The cheap question, because its answer is almost always no.
  bool MayHaveNews() const;
  bool HasNews(const wire::RunView& view) const;
  void SendFailure(const base::Error& error);

  Context& context_;
  const RunQuestion question_;
  wire::RunView view_;
  http::Response head_;
  http::Responder responder_;
};

}  // namespace oneshot::api
