# Every process of the cluster lives below the cgroup /oneshot: the programs in /oneshot/system, pods in /oneshot/kubepods.
# Membership is inherited and cannot be lost, so killing what is in there ends exactly what is ours, recorded or not.
# shellcheck shell=bash disable=SC2034,SC2154  # the parts share the variables of common.sh

# Mount points of all hierarchies: one on cgroup v2, one per controller on v1, both on a hybrid host.
cgroup_hierarchies() { awk '$0 ~ / - cgroup2? / {print $5}' /proc/self/mountinfo; }

# The one hierarchy in which our programs are put. On v1 it is the freezer: it neither weighs nor limits.
cgroup_tracking() {
  local hierarchies
  hierarchies=$(cgroup_hierarchies)
  grep -m1 '/freezer$' <<<"$hierarchies" || head -n 1 <<<"$hierarchies"
}

cgroups_create() {
  local hierarchy file
  for hierarchy in $(cgroup_hierarchies); do
    mkdir -p "$hierarchy/oneshot" 2>/dev/null || 
      die "cannot create a cgroup in $hierarchy (a container needs --privileged to host the cluster)"
    # v1: a cpuset without processors admits no process. (v2 has no such files in its root.)
    for file in cpuset.cpus cpuset.mems; do
      [ ! -e "$hierarchy/$file" ] || cat "$hierarchy/$file" >"$hierarchy/oneshot/$file"
    done
    # v1: the weight that kubepods has on other nodes, where it is at the top; else all pods together weigh as one process.
    [ ! -e "$hierarchy/oneshot/cpu.shares" ] || echo $((1024 * $(nproc))) >"$hierarchy/oneshot/cpu.shares"
    if [ "$hierarchy" = "$(cgroup_tracking)" ]; then cgroup_delegate "$hierarchy"; fi
    mkdir -p "$hierarchy/oneshot/system"
  done
}

# v2: children get the controllers that their parent hands down. On v1 there is nothing to hand down.
cgroup_delegate() {
  local parent controller
  [ -e "$1/cgroup.subtree_control" ] || return 0
  for parent in "$1" "$1/oneshot"; do
    for controller in $(<"$parent/cgroup.controllers"); do
      echo "+$controller" >"$parent/cgroup.subtree_control" 2>/dev/null || true
    done
  done
  for controller in cpu memory pids; do
    grep -qw "$controller" "$1/oneshot/cgroup.subtree_control" ||
      die "the cgroup controller '$controller' cannot be enabled in $1/oneshot;" \
        "in a container, processes in its root cgroup prevent this: start the container with --cgroupns=host"
  done
}

cgroup_processes() {
  local tracking
  tracking=$(cgroup_tracking)/oneshot
  [ ! -d "$tracking" ] || find "$tracking" -name cgroup.procs -exec cat {} + 2>/dev/null | sort -u
}

cgroups_kill() {
  local deadline=$((SECONDS + 20)) processes
  while processes=$(cgroup_processes) && [ -n "$processes" ]; do
    [ "$SECONDS" -lt "$deadline" ] || die "these processes of the cluster cannot be killed:" "$(tr '\n' ' ' <<<"$processes")"
    # shellcheck disable=SC2086  # one argument per process
    kill -KILL $processes 2>/dev/null || true
    sleep 0.02
  done
}

cgroups_remove() {
  local hierarchy
  for hierarchy in $(cgroup_hierarchies); do
    [ ! -d "$hierarchy/oneshot" ] || wait_until 5 cgroup_remove_tree "$hierarchy/oneshot" || die "cannot remove the cgroup $hierarchy/oneshot"
  done
}

# The kernel needs a moment to let go of a group whose last process has just died.
cgroup_remove_tree() {
  find "$1" -depth -type d -exec rmdir {} + 2>/dev/null || true
  [ ! -d "$1" ]
}
