# Every process of the cluster lives below the cgroup /oneshot: the programs in /oneshot/system, pods in /oneshot/kubepods. Those of
# node 2 are in the same places below /oneshot/node-2. Membership is inherited and cannot be lost, so killing what is in there ends exactly what is ours, recorded or not.
# shellcheck shell=bash disable=SC2034,SC2154  # the parts share the variables of common.sh

# Mount points of all hierarchies: one on cgroup v2, one per controller on v1, both on a hybrid host.
cgroup_hierarchies() { awk '$0 ~ / - cgroup2? / {print $5}' /proc/self/mountinfo; }

# The one hierarchy in which our programs are put. On v1 it is the freezer: it neither weighs nor limits.
cgroup_tracking() {
  local hierarchies
  hierarchies=$(cgroup_hierarchies)
  grep -m1 '/freezer$' <<<"$hierarchies" || head -n 1 <<<"$hierarchies"
}

# cgroups_create GROUP: oneshot, or a node's group in it.
cgroups_create() {
  local hierarchy file
  for hierarchy in $(cgroup_hierarchies); do
    mkdir -p "$hierarchy/$1" 2>/dev/null ||
      die "cannot create a cgroup in $hierarchy (a container needs --privileged to host the cluster)"
    # v1: a cpuset without processors admits no process. (v2 has no such files in its root.)
    for file in cpuset.cpus cpuset.mems; do
      [ ! -e "$hierarchy/$file" ] || cat "$hierarchy/$file" >"$hierarchy/$1/$file"
    done
    # v1: the weight that kubepods has on other nodes, where it is at the top; else all pods together weigh as one process.
    [ ! -e "$hierarchy/$1/cpu.shares" ] || echo $((1024 * $(nproc))) >"$hierarchy/$1/cpu.shares"
    if [ "$hierarchy" = "$(cgroup_tracking)" ]; then cgroup_delegate "$hierarchy" "$1"; fi
    mkdir -p "$hierarchy/$1/system"
  done
}

# v2: children get the controllers that their parent hands down. On v1 there is nothing to hand down.
cgroup_delegate() {
  local parent controller
  [ -e "$1/cgroup.subtree_control" ] || return 0
  for parent in "$1" "$1/$2"; do
    for controller in $(<"$parent/cgroup.controllers"); do
      echo "+$controller" >"$parent/cgroup.subtree_control" 2>/dev/null || true
    done
  done
  for controller in cpu memory pids; do
    grep -qw "$controller" "$1/$2/cgroup.subtree_control" ||
      die "the cgroup controller '$controller' cannot be enabled in $1/$2;" \
        "in a container, processes in its root cgroup prevent this: start the container with --cgroupns=host"
  done
}

# The functions below take a group like cgroups_create, and concern everything in it.
cgroup_processes() {
  local tracking
  tracking=$(cgroup_tracking)/$1
  [ ! -d "$tracking" ] || find "$tracking" -name cgroup.procs -exec cat {} + 2>/dev/null | sort -u
}

cgroups_kill() {
  local deadline=$((SECONDS + 20)) processes
  while processes=$(cgroup_processes "$1") && [ -n "$processes" ]; do
    [ "$SECONDS" -lt "$deadline" ] || die "these processes of the cluster cannot be killed:" "$(tr '\n' ' ' <<<"$processes")"
    # shellcheck disable=SC2086  # one argument per process
    kill -KILL $processes 2>/dev/null || true
    sleep 0.02
  done
}

cgroups_remove() {
  local hierarchy
  for hierarchy in $(cgroup_hierarchies); do
    [ ! -d "$hierarchy/$1" ] || wait_until 5 cgroup_remove_tree "$hierarchy/$1" || die "cannot remove the cgroup $hierarchy/$1"
  done
}

# The kernel needs a moment to let go of a group whose last process has just died.
cgroup_remove_tree() {
  find "$1" -depth -type d -exec rmdir {} + 2>/dev/null || true
  [ ! -d "$1" ]
}
