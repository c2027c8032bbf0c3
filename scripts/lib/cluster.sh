# Sourced after paths.sh by the scripts that talk to the cluster. Sets `engine` (docker or embedded), `kubectl` (an array) and
# `workload` (the kind of object that makes the pods of api and controller).
# shellcheck shell=bash disable=SC2034,SC2154

engine=$("$root/scripts/container-engine")
kubeconfig=$state/kubeconfig
if [ "$engine" = embedded ]; then
  kubectl=("$state/bin/kubectl" --kubeconfig "$kubeconfig")
  workload=StatefulSet
else
  kubectl=(kubectl --kubeconfig "$kubeconfig")
  workload=Deployment
  database_workload=statefulset/postgres
fi
export KUBECONFIG=$kubeconfig

site=http://127.0.0.1:8000

site_answers() { curl --silent --fail --max-time 3 --output /dev/null "$site/readyz"; }

# Starts the system where it does not run.
ensure_running() { site_answers || ONESHOT_EXAMPLE=none "$root/scripts/run"; }
