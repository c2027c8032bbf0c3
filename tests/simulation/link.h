#pragma once

#include <deque>
#include <memory>
#include <string>

#include "controller/kube/attach.h"
#include "tests/simulation/cluster.h"

namespace oneshot::simulation {

/// Whose time it is: a controller that is paused takes no calls, but they wait for it.
class Patience {
 public:
  virtual ~Patience() = default;
  virtual bool IsAwake() const = 0;
  /// Calls `act` as soon as it is awake.
  virtual void Defer(std::function<void()> act) = 0;
  /// It has been told something.
  virtual void OnNews() = 0;
  /// The API server cannot be reached until then.
  virtual MonotonicTime api_away_until() const = 0;
};

/// Attaches of one controller to containers of the cluster: opened late, delivered late, cut
/// anywhere between two lines.
class AttachModel final : public kube::AttachClient {
 public:
  AttachModel(World& world, Oracle& oracle, Cluster& cluster, Patience& owner, Chooser chooser)
      : world_(world), oracle_(oracle), cluster_(cluster), owner_(owner), chooser_(chooser) {}

  std::shared_ptr<kube::AttachConnection> Open(const std::string& pod_name,
                                               kube::AttachHandlers handlers) override;

 private:
  class Link;
  class Connection;

  World& world_;
  Oracle& oracle_;
  Cluster& cluster_;
  Patience& owner_;
  const Chooser chooser_;
};

}  // namespace oneshot::simulation
