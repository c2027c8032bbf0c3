#include "api/handlers/run_answer.h"

#include <limits>
#include <utility>

#include "api/handlers/respond.h"
#include "api/output_page.h"

namespace oneshot::api {
namespace {

using domain::RunStatus;
using Next = RunWatch::Next;
using Reason = RunWatch::Reason;

/// What is known of a run only while it is queued.
struct Place {
  std::optional<std::int64_t> position{};
  std::optional<base::Milliseconds> starts_in{};
};

Place PlaceOf(const domain::Run& run, const store::RunLook& look) {
  if (run.status != RunStatus::kQueued || look.queue_position == 0) return {};
  return {.position = look.queue_position, .starts_in = look.starts_in};
}

/// What was read besides the output.
struct Pages {
  Place place{};
  bool has_more{false};
  bool has_begun{false};  // the run's attempt, since the run was read
};

/// Gives `take` the output of the run's attempt after number `seq`, page by page, until it returns
/// false. Files that came back, which follow it, are not read for nothing.
template <typename Take>
base::Result<Pages> ReadPages(Context& context, const domain::Run& run, std::int64_t seq,
                              Take take) {
  Pages pages;
  const std::int64_t end =
      domain::FirstFileSeq(run).value_or(std::numeric_limits<std::int64_t>::max());
  store::OutputPosition seen{.attempt = run.attempt, .seq = seq};
  do {
    const auto look = context.store.Look(run.id, seen, kOutputPageBytes);
    if (!look) return look.error();
    pages.place = PlaceOf(run, *look);
    pages.has_begun = look->attempt == run.attempt && look->status == RunStatus::kRunning &&
                      run.status != RunStatus::kRunning;
    // The run may have moved since it was read: what no longer belongs to it is left out.
    pages.has_more = look->attempt == run.attempt && look->has_more;
    if (look->attempt != run.attempt) return pages;
    if (!take(look->output)) {
      pages.has_more = true;
      return pages;
    }
    if (!look->output.empty()) seen.seq = look->output.back().seq;
    if (seen.seq + 1 >= end) pages.has_more = false;
  } while (pages.has_more);
  return pages;
}

/// Has a run that began between being read and its output told as running: output of a run that
/// is `starting` would contradict itself. Not the run's end, which may be later than that output.
void CatchUp(Context& context, const Pages& pages, domain::Run& run) {
  if (!pages.has_begun) return;
  auto later = context.store.Get(run.id);
  if (later && later->attempt == run.attempt && later->status == RunStatus::kRunning)
    run = *std::move(later);
}

wire::RunView View(domain::Run run, wire::RunOutput output, const Place& place) {
  return {.run = std::move(run),
          .output = std::move(output),
          .queue_position = place.position,
          .starts_in = place.starts_in};
}

base::Result<wire::RunView> ReadNone(Context& context, domain::Run run) {
  if (run.status != RunStatus::kQueued) return View(std::move(run), {}, {});
  const auto look = context.store.Look(run.id, {}, /*max_bytes=*/0);
  if (!look) return look.error();
  const Place place = PlaceOf(run, *look);
  return View(std::move(run), {}, place);
}

base::Result<wire::RunView> ReadSeparate(Context& context, domain::Run run) {
  wire::SeparateReader reader(run.outcome);
  Pages pages;
  if (!reader.HasEnough()) {
    const auto read = ReadPages(context, run, /*seq=*/-1, [&](const auto& records) {
      reader.Take(records);
      return !reader.HasEnough();
    });
    if (!read) return read.error();
    pages = *read;
    CatchUp(context, pages, run);
  }
  return View(std::move(run), std::move(reader).Finish(), pages.place);
}

base::Result<wire::RunView> ReadMerged(Context& context, domain::Run run,
                                       const wire::EventId& after) {
  wire::MergedReader reader(after, run.attempt);
  const std::int64_t seq = after.attempt == run.attempt && after.attempt > 0 ? after.seq : -1;
  const auto pages =
      ReadPages(context, run, seq, [&](const auto& records) { return reader.Take(records); });
  if (!pages) return pages.error();
  CatchUp(context, *pages, run);
  return View(std::move(run), std::move(reader).Finish(pages->has_more), pages->place);
}

void ReadWait(Query& query, RunQuestion& question) {
  const double seconds = query.Number("wait", /*fallback=*/0, 0, 60);
  question.wait = std::chrono::duration_cast<base::MonotonicTime::duration>(
      std::chrono::duration<double>(seconds));
}

void ReadOutput(Query& query, RunQuestion& question) {
  const std::string output = query.Text("output").value_or("separate");
  if (output == "merged") {
    question.output = RunQuestion::Output::kMerged;
  } else if (output == "none") {
    question.output = RunQuestion::Output::kNone;
  } else if (output != "separate") {
    query.Refuse("output", "invalid", "must be separate, merged or none");
  }
}

}  // namespace

RunQuestion ReadRunQuestion(Query& query) {
  RunQuestion question;
  ReadWait(query, question);
  ReadOutput(query, question);
  return question;
}

RunQuestion ReadOutputQuestion(Query& query) {
  RunQuestion question = ReadFinalOutputQuestion(query);
  ReadWait(query, question);
  return question;
}

RunQuestion ReadFinalOutputQuestion(Query& query) {
  RunQuestion question;
  ReadOutput(query, question);
  const auto after = query.Text("after");
  if (!after) return question;
  question.after = wire::ParseEventId(*after);
  if (!question.after) query.Refuse("after", "invalid", "must be the next_after of an answer");
  if (question.output != RunQuestion::Output::kMerged)
    query.Refuse("after", "invalid", "is for output=merged only");
  return question;
}

base::Result<wire::RunView> ReadOutputOf(Context& context, domain::Run run,
                                         const RunQuestion& question) {
  switch (question.output) {
    case RunQuestion::Output::kSeparate:
      return ReadSeparate(context, std::move(run));
    case RunQuestion::Output::kMerged:
      return ReadMerged(context, std::move(run), question.after.value_or(wire::EventId{}));
    case RunQuestion::Output::kNone:
      break;
  }
  return ReadNone(context, std::move(run));
}

wire::RunOutput NoOutput(const RunQuestion& question, bool may_have_more) {
  switch (question.output) {
    case RunQuestion::Output::kSeparate:
      return wire::SeparateOutput{.stdout_head = {.is_cut = may_have_more},
                                  .stderr_head = {.is_cut = may_have_more}};
    case RunQuestion::Output::kMerged:
      return wire::MergedOutput{.is_cut = may_have_more,
                                .next_after = question.after.value_or(wire::EventId{})};
    case RunQuestion::Output::kNone:
      break;
  }
  return {};
}

RunAnswer::RunAnswer(Context& context, RunQuestion question, wire::RunView view,
                     http::Response head, http::Responder responder)
    : context_(context),
      question_(question),
      view_(std::move(view)),
      head_(std::move(head)),
      responder_(std::move(responder)) {}

bool RunAnswer::Wait(const std::shared_ptr<RunAnswer>& answer, RunWatch::FirstLook first) {
  const auto wait = answer->question_.wait;
  if (wait.count() == 0 || domain::IsTerminal(answer->view_.run.status)) return false;
  return answer->context_.watch.Watch(answer->view_.run.id, first,
                                      answer->context_.clock.Monotonic() + wait,
                                      [answer](Reason reason) { return answer->Look(reason); });
}

void RunAnswer::Begin(const std::shared_ptr<RunAnswer>& answer) {
  // At once, because the run may have moved since it was read.
  if (!Wait(answer, RunWatch::FirstLook::kAtOnce)) answer->Read();
}

void RunAnswer::Read() {
  auto view = ReadOutputOf(context_, view_.run, question_);
  if (!view) return SendFailure(view.error());
  view_ = *std::move(view);
  Send();
}

void RunAnswer::Send() {
  const std::string& job_namespace = context_.options.job_namespace;
  head_.body = wire::RunToJson(view_, job_namespace);
  if (head_.body.size() > http::kSmallBody) {
    view_.output = NoOutput(question_, /*may_have_more=*/true);
    head_.small_body = wire::RunToJson(view_, job_namespace);
  }
  std::move(responder_).Send(std::move(head_));
}

Next RunAnswer::Look(Reason reason) {
  const bool must_answer = reason == Reason::kDeadline || reason == Reason::kStopping;
  if (reason == Reason::kSweep && !MayHaveNews()) return Next::kWait;
  auto run = context_.store.Get(view_.run.id);
  if (!run && run.error().code == base::ErrorCode::kNotFound) {  // deleted meanwhile
    SendError(std::move(responder_), run.error());
    return Next::kDone;
  }
  if (run) view_.run = *std::move(run);
  const bool is_interesting = question_.after || domain::IsTerminal(view_.run.status);
  if (!is_interesting && !must_answer) return Next::kWait;
  auto view = ReadOutputOf(context_, view_.run, question_);
  if (!must_answer && (!view || !HasNews(*view))) return Next::kWait;
  if (view) {
    view_ = *std::move(view);
    Send();
  } else {
    SendFailure(view.error());
  }
  return Next::kDone;
}

bool RunAnswer::MayHaveNews() const {
  if (question_.after) {
    const auto [attempt, seq] = *question_.after;
    const auto look = context_.store.Look(view_.run.id, {attempt, seq}, /*max_bytes=*/1);
    if (!look) return look.error().code == base::ErrorCode::kNotFound;
    return domain::IsTerminal(look->status) || !look->output.empty() ||
           (attempt != 0 && attempt != look->attempt);
  }
  const auto status = context_.store.GetStatus(view_.run.id);
  if (!status) return status.error().code == base::ErrorCode::kNotFound;
  return domain::IsTerminal(*status);
}

bool RunAnswer::HasNews(const wire::RunView& view) const {
  if (domain::IsTerminal(view.run.status)) return true;
  const auto* const merged = std::get_if<wire::MergedOutput>(&view.output);
  return question_.after && merged && merged->next_after != *question_.after;
}

void RunAnswer::SendFailure(const base::Error& error) {
  // A run that is accepted is accepted even if the database fails now: the answer says so, with
  // what is known, and that there may be more output than none.
  if (head_.status != 201) return SendError(std::move(responder_), error);
  const bool may_have_output = view_.run.status != RunStatus::kQueued;
  view_.output = NoOutput(question_, may_have_output);
  Send();
}

}  // namespace oneshot::api
