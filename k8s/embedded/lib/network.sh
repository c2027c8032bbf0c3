# Pods without host network get an interface that leads nowhere: a macvlan in private mode over one end of a veth pair whose
# other end stays down. It has no carrier, no route and no neighbour; Kubernetes wants an address, so all have the same.
# shellcheck shell=bash disable=SC2034,SC2154  # the parts share the variables of common.sh

network_create() {
  ip link show dev oneshot-runs >/dev/null 2>&1 && return 0
  ip link add oneshot-runs type veth peer name oneshot-void ||
    die "the kernel cannot make veth interfaces (module veth, CONFIG_VETH)"
  sysctl -qw net.ipv6.conf.oneshot-runs.disable_ipv6=1 2>/dev/null || true # absent where the kernel has no IPv6
  ip link set oneshot-runs up
  ip link add link oneshot-runs name oneshot-probe type macvlan mode private ||
    die "the kernel cannot make macvlan interfaces (module macvlan, CONFIG_MACVLAN)"
  ip link del oneshot-probe
}

network_remove() { ! ip link show dev oneshot-runs >/dev/null 2>&1 || ip link del oneshot-runs; }
