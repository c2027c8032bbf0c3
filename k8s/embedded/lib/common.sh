# Sourced first by every command of k8s/embedded: where things are, and how to stop with a message.
# shellcheck shell=bash disable=SC2034,SC2154  # the parts share the variables of common.sh
set -euo pipefail

embedded=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=../../../scripts/lib/paths.sh
source "$embedded/../../scripts/lib/paths.sh"
# shellcheck source=../../../scripts/lib/step.sh
source "$root/scripts/lib/step.sh"

# In the checkout: what one cluster of this checkout needs. `data` appears at $run/data to the cluster's programs.
data=$state/cluster
logs=$state/logs
kubectl=("$state/bin/kubectl" --kubeconfig "$state/kubeconfig")

# On the machine: one cluster at a time, so fixed names. Unix socket paths end at 107 bytes: never below a checkout.
run=/run/oneshot/cluster
pause_image=oneshot.local/pause:1

# Debian keeps system programs where a plain user's PATH does not look.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

note() { printf '    %s\n' "$*"; }

# Runs this command again as root if the caller is not: `become_root "$@"`.
become_root() {
  [ "$EUID" -ne 0 ] || return 0
  command -v sudo >/dev/null || die "root is needed, and sudo is not installed"
  exec sudo --preserve-env=PATH "$0" "$@"
}

# Only one `up`, `down`, takeover or restart (lib/supervise) runs on the machine at a time. The lock is on a directory that always
# exists, so that no file is left behind. Programs started later close descriptor 9 (lib/launch).
lock_machine() {
  exec 9</run
  flock --timeout 2 9 && return 0 # a restart takes a moment
  note "waiting for another up or down to finish"
  flock --timeout 300 9 || die "another up or down has been running for five minutes"
}

unlock_machine() { exec 9<&-; }
