# Checks, before anything is started, for everything that would make the start fail.
# shellcheck shell=bash disable=SC2034,SC2154  # the parts share the variables of common.sh

require_programs() {
  local program missing=()
  for program in etcd containerd crun ctr curl ip ss jq openssl gcc unshare nsenter setsid; do
    command -v "$program" >/dev/null || missing+=("$program")
  done
  [ ${#missing[@]} -eq 0 ] || die "not installed: ${missing[*]};" "scripts/setup run installs them"
}

require_kernel() {
  modprobe -qa overlay 2>/dev/null || true # built in, or loaded on first use, on most kernels
  grep -qw overlay /proc/filesystems || die "the kernel has no overlayfs (module overlay, CONFIG_OVERLAY_FS)"
  [ -n "$(cgroup_hierarchies)" ] || die "no cgroup file system is mounted (neither v1 nor v2)"
  local controller
  for controller in cpu memory pids; do
    awk -v name="$controller" '$1 == name && $4 == 1 {found = 1} END {exit !found}' /proc/cgroups ||
      die "the kernel has no cgroup controller '$controller'"
  done
  # overlayfs cannot lie on overlayfs, as where the checkout is inside a container's own file system.
  [ "$(stat --file-system --format %T "$data")" != overlayfs ] ||
    die "$data is on overlayfs, which cannot hold containers;" "put the checkout on a volume or a bind mount"
}

# Below this the kubelet declares disk pressure (config/kubelet.yaml) and takes no pod.
require_disk() {
  local free
  free=$(df --output=avail --block-size=1M "$data" | tail -n 1)
  [ "$free" -ge 2048 ] || die "only $free MiB are free on the file system of $data; the cluster and its images need 2048 MiB"
}

require_free_ports() {
  local port listener busy=()
  for port in 2379 2380 6443 10248 10250 10257 10259; do
    listener=$(ss --no-header --listening --numeric --tcp --processes "sport = :$port" | head -n 1)
    [ -z "$listener" ] || busy+=("port $port is in use by $(grep -oP 'users:\(\("\K[^"]+(?=",pid=)' <<<"$listener" || echo "a hidden process") (pid $(grep -oP 'pid=\K[0-9]+' <<<"$listener" | head -n 1))")
  done
  [ ${#busy[@]} -eq 0 ] || die "$(printf '%s; ' "${busy[@]}")the cluster needs these ports"
}
