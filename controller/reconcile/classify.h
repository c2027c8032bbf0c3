#pragma once

#include <optional>
#include <variant>

#include "controller/kube/objects.h"
#include "core/domain/run.h"
#include "core/protocol/messages.h"
#include "core/store/run_store.h"

/// What an ending means: the program's doing, or the infrastructure's. Pure.
namespace oneshot::reconcile {

/// Either how the run ended, or why its attempt did not end it.
using Verdict = std::variant<domain::Outcome, store::Interruption>;

/// The runner's own word, which outranks whatever the pod's status says.
/// An Interruption only when the runner says that it failed, or that its container was told to stop
/// without the user's wish.
Verdict ClassifyFinished(const protocol::Finished& finished, bool cancel_requested);

/// A pod that ended, or was taken away, without an end record. The termination message may still
/// hold one. Source: KEP-3329's status tables; each row has a test.
Verdict ClassifyPod(const kube::Pod& pod);

/// A pod that does not get to run. Empty while patience is right; `patience_over` when the time to
/// start is up.
std::optional<store::Interruption> ClassifyWaiting(const std::optional<kube::Pod>& pod,
                                                   bool patience_over);

}  // namespace oneshot::reconcile
