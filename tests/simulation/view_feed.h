#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "controller/kube/watch_handlers.h"
#include "tests/simulation/link.h"

namespace oneshot::simulation {

/// What a ListWatch tells one controller's view about one kind of objects: everything, in order,
/// but late by any time, again, or as a list after a cut that hid what happened between.
template <typename T>
class ViewFeed : public std::enable_shared_from_this<ViewFeed<T>> {
 public:
  ViewFeed(World& world, const Cluster& cluster, Patience& owner, Chooser chooser,
           kube::WatchHandlers<T> handlers)
      : world_(world),
        cluster_(cluster),
        owner_(owner),
        chooser_(chooser),
        handlers_(std::move(handlers)) {}

  /// The list that begins a watch, and each one after a cut.
  void List() {
    owner_.OnNews();
    handlers_.on_listing();
    std::map<std::string, T> seen;
    for (const auto& object : cluster_.List(static_cast<const T*>(nullptr))) {
      seen[object->meta.name] = Identity(*object);
      const auto known = known_.find(object->meta.name);
      if (known != known_.end() && known->second.meta.uid != object->meta.uid)
        handlers_.on_deleted(known->second);
      handlers_.on_changed(*object);
    }
    for (const auto& [name, identity] : known_) {
      if (!seen.contains(name)) handlers_.on_deleted(identity);
    }
    known_ = std::move(seen);
    next_ = cluster_.changes(static_cast<const T*>(nullptr)).size();
    handlers_.on_synced();
    is_synced_ = true;
    // What hung was the watch before, and what was to come by it.
    hangs_until_ = {};
    is_due_ = false;
  }

  /// Nothing comes until then; with `lists`, a list does.
  void Hang(MonotonicTime until, bool lists) {
    hangs_until_ = std::max(hangs_until_, until);
    if (!lists) return;
    is_synced_ = false;
    world_.At(until, [self = this->shared_from_this()] { self->ListWhenPossible(); });
  }

  /// Something has changed.
  void Poke() {
    if (is_due_ || !handlers_.on_changed) return;
    is_due_ = true;
    const auto delay = Milliseconds(1 + world_.choices.Scaled(chooser_, 100));
    world_.After(delay, [self = this->shared_from_this()] { self->Deliver(); });
  }

  /// Nothing hinders it any more.
  void Heal() {
    if (is_synced_) {
      Deliver();
    } else {
      ListWhenPossible();
    }
  }

  /// Its owner is gone.
  void Close() { handlers_ = {}; }

 private:
  static T Identity(const T& object) {
    T identity;
    identity.meta.name = object.meta.name;
    identity.meta.uid = object.meta.uid;
    if constexpr (std::is_same_v<T, kube::Pod>) identity.job_name = object.job_name;
    return identity;
  }

  /// False when `act` will be called again because nothing can come now.
  bool IsPossible(void (ViewFeed::*act)()) {
    const auto again = [self = this->shared_from_this(), act] { ((*self).*act)(); };
    if (!owner_.IsAwake()) {
      owner_.Defer(again);
      return false;
    }
    const auto when = std::max(owner_.api_away_until(), hangs_until_);
    if (world_.is_calm || when <= world_.now()) return true;
    world_.At(when, again);
    return false;
  }

  void ListWhenPossible() {
    if (handlers_.on_changed && !is_synced_ && IsPossible(&ViewFeed::ListWhenPossible)) List();
  }

  void Deliver() {
    if (!handlers_.on_changed || !IsPossible(&ViewFeed::Deliver)) return;
    is_due_ = false;
    owner_.OnNews();
    if (!is_synced_) return;
    const auto& changes = cluster_.changes(static_cast<const T*>(nullptr));
    const bool repeats = world_.choices.OneIn(chooser_, 20);
    for (; next_ < changes.size(); ++next_) {
      const T& object = *changes[next_].object;
      if (changes[next_].is_deleted) {
        handlers_.on_deleted(object);
        known_.erase(object.meta.name);
      } else {
        known_[object.meta.name] = Identity(object);
        handlers_.on_changed(object);
        if (repeats) handlers_.on_changed(object);
      }
    }
  }

  World& world_;
  const Cluster& cluster_;
  Patience& owner_;
  const Chooser chooser_;
  kube::WatchHandlers<T> handlers_;
  std::map<std::string, T> known_;
  std::size_t next_{0};
  bool is_synced_{false};
  bool is_due_{false};
  MonotonicTime hangs_until_{};
};

}  // namespace oneshot::simulation
