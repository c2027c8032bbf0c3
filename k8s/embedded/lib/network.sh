# Pods without host network get an interface that leads nowhere: a macvlan in private mode over one end of a veth pair whose
# other end stays down. It has no carrier, no route and no neighbour; Kubernetes wants an address, so all have the same.
# shellcheck shell=bash disable=SC2034,SC2154  # the parts share the variables of common.sh

# A connection that waits at a listener which is being closed goes to the other listeners on its port, instead of being reset: an update
# of the site replaces one of the two nginx after the other. It concerns only listeners that share a port (reuseport).
migrate_connections() {
  [ "$(sysctl -n net.ipv4.tcp_migrate_req 2>/dev/null)" = 0 ] || return 0 # absent before Linux 5.14
  sysctl -qw net.ipv4.tcp_migrate_req=1 && touch "$run/migrates-connections"
}

network_create() {
  migrate_connections
  ip link show dev oneshot-runs >/dev/null 2>&1 && return 0
  ip link add oneshot-runs type veth peer name oneshot-void ||
    die "the kernel cannot make veth interfaces (module veth, CONFIG_VETH)"
  sysctl -qw net.ipv6.conf.oneshot-runs.disable_ipv6=1 2>/dev/null || true # absent where the kernel has no IPv6
  ip link set oneshot-runs up
  ip link add link oneshot-runs name oneshot-probe type macvlan mode private ||
    die "the kernel cannot make macvlan interfaces (module macvlan, CONFIG_MACVLAN)"
  ip link del oneshot-probe
}

network_remove() {
  ! ip link show dev oneshot-runs >/dev/null 2>&1 || ip link del oneshot-runs
  if [ -e "$run/migrates-connections" ]; then sysctl -qw net.ipv4.tcp_migrate_req=0; fi
}
