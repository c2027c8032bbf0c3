# Sourced by the scripts: says where things are. Sets `root` (the checkout) and `state` (its .oneshot).
# shellcheck shell=bash disable=SC2034

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
state=$root/.oneshot
PATH=$state/bin:$PATH:/usr/local/sbin:/usr/sbin:/sbin
mkdir -p "$state/logs"

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# wait_until SECONDS COMMAND...: runs COMMAND every tenth of a second until it succeeds, for at most SECONDS.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.1
  done
}
