# Ending a cluster, whoever started it and in whatever state it was left. Nothing here guesses: processes are found by
# our cgroup, links by our names, and mounts went with the last process of the cluster's mount namespace.
# shellcheck shell=bash disable=SC2034,SC2154  # the parts share the variables of common.sh

# The checkout to which the cluster on this machine belongs; fails where there is none.
cluster_owner() { cat "$run/checkout" 2>/dev/null; }

teardown() {
  local owner place node
  owner=$(cluster_owner || true)
  # Who starts programs again goes first. (Nor could it start one now: the machine is locked.)
  for node in 1 2; do on_node "$node" kill_program supervisor; done
  cgroups_kill oneshot
  cgroups_remove oneshot
  restore_connections
  ! ip link show dev oneshot-runs >/dev/null 2>&1 || ip link del oneshot-runs # of a cluster of an older checkout
  if [ -f "$run/made-places" ]; then
    tac "$run/made-places" | while read -r place; do rmdir --ignore-fail-on-non-empty "$place" 2>/dev/null || true; done
  fi
  # Mounts would still be there only if somebody kept our namespace; then deleting through them is the last thing to do.
  rm -rf --one-file-system "$run"
  rmdir --ignore-fail-on-non-empty "$(dirname "$run")" 2>/dev/null || true
  if [ -n "$owner" ]; then forget_state "$owner"; fi
}

# All of the checkout's state but its logs and the images, which cost minutes to make again.
forget_state() {
  rm -f "$1/.oneshot/kubeconfig"
  forget_data "$1/.oneshot/cluster/node-2"
  rmdir --ignore-fail-on-non-empty "$1/.oneshot/cluster/node-2" 2>/dev/null || true
  forget_data "$1/.oneshot/cluster"
}

forget_data() {
  [ ! -d "$1" ] || find "$1" -mindepth 1 -maxdepth 1 ! -name containerd ! -name node-2 -exec rm -rf --one-file-system {} +
}
