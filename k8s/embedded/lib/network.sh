# What the cluster needs of the host's network. Pods of runs need nothing of it: they have loopback alone (cni/no-network.c).
# shellcheck shell=bash disable=SC2034,SC2154  # the parts share the variables of common.sh

# A connection that waits at a listener which is being closed goes to the other listeners on its port, instead of being reset: an update
# of the site replaces one of the two nginx after the other. It concerns only listeners that share a port (reuseport).
migrate_connections() {
  [ "$(sysctl -n net.ipv4.tcp_migrate_req 2>/dev/null)" = 0 ] || return 0 # absent before Linux 5.14
  sysctl -qw net.ipv4.tcp_migrate_req=1 && touch "$run/migrates-connections"
}

restore_connections() {
  if [ -e "$run/migrates-connections" ]; then sysctl -qw net.ipv4.tcp_migrate_req=0; fi
}
