# Sourced by every script that a person starts: says what it is doing and how many seconds each step took.
# shellcheck shell=bash

step_name=
step_started=0

# step WHAT COMMAND...: runs COMMAND in this shell (`set -e` stays in force) and prints its duration.
step() {
  local status
  step_name=$1
  step_started=${EPOCHREALTIME//[!0-9]/}
  shift
  printf '==> %s\n' "$step_name"
  "$@"
  status=$? # for callers in whose context `set -e` is ignored
  if [ "$status" -ne 0 ]; then
    (exit "$status") || step_report_failure
    step_name=
    return "$status"
  fi
  printf '    done in %s s\n' "$(step_seconds)"
  step_name=
}

# logged LOG COMMAND...: writes the output of COMMAND to LOG, and shows the end of it only if COMMAND fails. If COMMAND is a
# function, `set -e` has no effect inside it: chain its commands with `&&`.
logged() {
  local log=$1 status=0
  shift
  mkdir -p "$(dirname "$log")"
  "$@" >"$log" 2>&1 || status=$?
  if [ "$status" -ne 0 ]; then
    tail -n "${ONESHOT_LOG_TAIL:-60}" "$log" >&2
    printf '    (the whole log: %s)\n' "$log" >&2
  fi
  return "$status"
}

step_seconds() {
  local now=${EPOCHREALTIME//[!0-9]/}
  local tenths=$(((now - step_started) / 100000))
  printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

step_report_failure() {
  local status=$?
  if [ "$status" -ne 0 ] && [ -n "$step_name" ]; then
    printf '!!! failed after %s s: %s\n' "$(step_seconds)" "$step_name" >&2
  fi
}
trap step_report_failure EXIT
