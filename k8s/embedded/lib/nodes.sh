# The nodes of the cluster: where each has its files, and which programs run on it.
# Node 1 is the whole cluster. Node 2, for tests of node loss, is a containerd and a kubelet with a mount namespace, a cgroup and an
# address of their own. In its namespace, node 2's files are where node 1 has its own (lib/namespace), so both read the same configuration.
# shellcheck shell=bash disable=SC2034,SC2154  # the parts share the variables of common.sh

# use_node NUMBER: what follows is about this node. `node_run` is where its $run is seen from outside of its namespace.
use_node() {
  node=$1
  case $node in
    1)
      # Logs and attach go to the node's name: it must resolve, and only to this machine.
      node_name=localhost node_address=127.0.0.1 node_run=$run node_data=$data node_cgroup=oneshot node_suffix=
      programs=(etcd containerd kube-apiserver kube-controller-manager kube-scheduler kubelet supervisor)
      ;;
    2)
      node_name=127.0.0.2 node_address=127.0.0.2 node_run=$run/node-2 node_data=$data/node-2 node_cgroup=oneshot/node-2 node_suffix=-2
      programs=(containerd kubelet supervisor)
      ;;
  esac
}

# on_node NUMBER COMMAND...
on_node() (
  use_node "$1"
  shift
  "$@"
)

# on_running_nodes COMMAND...: where a containerd runs; fails where it fails, or if there is none. A node that is dead comes back with
# the images of the other one.
on_running_nodes() {
  local node running=
  for node in 1 2; do
    if on_node "$node" is_dead containerd; then continue; fi
    running=yes
    on_node "$node" "$@" || return 1
  done
  [ -n "$running" ]
}

prepare_node() {
  mkdir -p "$node_run"/{pids,data,bin} "$node_data"
  rm -f "$logs"/{containerd,kubelet,supervisor}"$node_suffix.log"
  cgroups_create "$node_cgroup"
  write_node_configuration
}

# Containers of an earlier cluster are in the image store; the kubelet must not see them.
start_runtime() {
  start_containerd
  await containerd 20 containerd_answers
  forget_containers
  import_pause_image
}

start_programs() {
  local name
  for name in $(dead_programs); do
    "start_$name"
    # The kubelet would die of a containerd that does not answer yet.
    if [ "$name" = containerd ]; then await containerd 20 containerd_answers; fi
  done
}

# Ready, without the taint that keeps pods away until the controller manager has noticed, and with the first service account:
# a Job whose pod is refused for want of one is tried again only after seconds.
node_ready() {
  "${kubectl[@]}" get "node/$node_name" serviceaccount/default --namespace default --output json 2>/dev/null |
    jq -e '.items[0] | (.spec.taints | not) and any(.status.conditions[]?; .type == "Ready" and .status == "True")' >/dev/null
}

# A kubelet that dies meanwhile is no reason to give up: its supervisor starts it again, or killed it itself because the API server was away.
await_node() {
  node_ready || step "waiting for node $node to be ready" wait_until 90 node_ready || died kubelet
}

start_second_node() {
  prepare_node
  start_runtime
  copy_images
  start_programs
}

# Node 2 with everything on it, as if its machine were gone for good. Its pods get no grace: their processes are dead. Its files go last, so that
# the next `up` tries again if the API server could not be reached. Nothing waits for what may be dead here, such as the Job controller that takes
# its mark off the pods: a supervisor starts it only when this is over.
remove_second_node() {
  local delete=("${kubectl[@]}" --request-timeout=10s delete --ignore-not-found --wait=false)
  cgroups_kill "$node_cgroup"
  cgroups_remove "$node_cgroup"
  "${delete[@]}" node "$node_name" >/dev/null
  "${delete[@]}" pods --all-namespaces --field-selector "spec.nodeName=$node_name" --force --grace-period=0 >/dev/null 2>&1
  rm -rf --one-file-system "$node_run"
  forget_data "$node_data"
}

# Programs that the API server did not answer for long ask again after up to a minute; new ones ask at once.
clients_of_the_apiserver=(kube-controller-manager kube-scheduler kubelet)
kill_clients_of_the_apiserver() {
  local program
  for program in "${clients_of_the_apiserver[@]}"; do kill_program "$program"; done
  on_node 2 kill_program kubelet
}

# A node that died as a whole is replaced. If only some of its programs died, they are started again, and its pods live on.
second_node_up() {
  local dead
  use_node 2
  dead=$(dead_programs)
  if all_dead; then
    if [ -d "$node_run" ]; then step "removing what is left of node 2" remove_second_node; fi
    step "starting node 2" start_second_node
  else
    if [ -n "$dead" ]; then step "restarting what had died on node 2: ${dead//$'\n'/ }" start_programs; fi
    copy_images
  fi
}

second_node_down() {
  use_node 2
  if [ -d "$node_run" ]; then step "removing node 2" remove_second_node; fi
}
