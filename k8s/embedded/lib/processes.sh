# Starting the programs, and knowing which of them still run.
# A record is "PID START-TIME": a number alone may belong to somebody else by now.
# shellcheck shell=bash disable=SC2034,SC2154  # the parts share the variables of common.sh

programs=(etcd containerd kube-apiserver kube-controller-manager kube-scheduler kubelet)

# Fields after the last ')' of /proc/PID/stat, where the name (which may hold anything) is behind us:
# the first is the state (a zombie is dead), the 20th the start.
process_start_time() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  awk '$1 !~ /[ZX]/ {print $20}' <<<"${stat##*) }"
}

# Prints the pid of a recorded program that still runs.
running_pid() {
  local pid started
  read -r pid started 2>/dev/null <"$run/pids/$1" || return 1
  [ "$(<"$run/boot")" = "$(</proc/sys/kernel/random/boot_id)" ] &&
    [ "$(process_start_time "$pid")" = "$started" ] || return 1
  echo "$pid"
}

is_dead() { ! running_pid "$1" >/dev/null; }

dead_programs() {
  local name
  for name in "${programs[@]}"; do ! is_dead "$name" || echo "$name"; done
}

# start NAME COMMAND...: a daemon in a session of its own, in our cgroup and in the cluster's mount namespace.
# The first program makes that namespace (lib/namespace); the others join it.
start() {
  local name=$1 other pid namespace=(unshare --mount --propagation slave -- "$embedded/lib/namespace")
  for other in "${programs[@]}"; do
    if pid=$(running_pid "$other"); then
      namespace=(nsenter --target "$pid" --mount --)
      break
    fi
  done
  shift
  rm -f "$run/pids/$name"
  setsid --fork "${namespace[@]}" "$embedded/lib/launch" "$(cgroup_tracking)/oneshot/system" "$run/pids/$name" "$@" \
    >>"$logs/$name.log" 2>&1 </dev/null
  wait_until 10 test -s "$run/pids/$name" || died "$name"
}

# await NAME SECONDS COMMAND...: until COMMAND succeeds; ends at once when the program is dead.
await() {
  local name=$1 seconds=$2
  shift 2
  if ! wait_until "$seconds" answers_or_died "$name" "$@" || ! "$@"; then died "$name"; fi
}

answers_or_died() {
  local name=$1
  shift
  "$@" || is_dead "$name"
}

died() {
  tail -n 30 "$logs/$1.log" >&2
  die "$1 did not start; the end of its log is above ($logs/$1.log)"
}

start_etcd() {
  start etcd /usr/bin/etcd --data-dir "$run/data/etcd" \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
    --initial-cluster default=http://127.0.0.1:2380 --unsafe-no-fsync
}

start_containerd() {
  start containerd /usr/bin/containerd --config "$run/data/config/containerd.toml"
  await containerd 20 containerd_answers
}

# Asks what the kubelet asks first, and would die of not being told: containerd answers `ctr` before its CRI service is ready.
# A gRPC call of an empty message is five zero bytes over HTTP/2.
containerd_answers() {
  printf '\0\0\0\0\0' |
    curl --silent --max-time 2 --http2-prior-knowledge --unix-socket "$containerd_socket" --header 'content-type: application/grpc' \
      --header 'te: trailers' --data-binary @- --output /dev/null --dump-header - http://localhost/runtime.v1.RuntimeService/Version |
    grep '^grpc-status: 0' >/dev/null # not -q, which would end curl at the first line
}

start_kube-apiserver() {
  local pki=$run/data/pki
  start kube-apiserver "$run/bin/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 \
    --bind-address=127.0.0.1 --advertise-address=127.0.0.1 --secure-port=6443 --endpoint-reconciler-type=none \
    --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" --client-ca-file="$pki/ca.crt" \
    --kubelet-client-certificate="$pki/apiserver-kubelet-client.crt" --kubelet-client-key="$pki/apiserver-kubelet-client.key" \
    --kubelet-certificate-authority="$pki/ca.crt" \
    --service-account-key-file="$pki/service-account.pub" --service-account-signing-key-file="$pki/service-account.key" \
    --service-account-issuer=https://kubernetes.default.svc.cluster.local --service-cluster-ip-range=10.96.0.0/16 \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=false --profiling=false
}

apiserver_answers() { "${kubectl[@]}" get --raw /readyz >/dev/null 2>&1; }

# Default client limits (20 requests a second) are for clusters of many nodes; here they would be the queue.
start_kube-controller-manager() {
  start kube-controller-manager "$run/bin/kube-controller-manager" --kubeconfig="$run/data/config/controller-manager.kubeconfig" \
    --root-ca-file="$run/data/pki/ca.crt" --service-account-private-key-file="$run/data/pki/service-account.key" \
    --use-service-account-credentials --leader-elect=false --bind-address=127.0.0.1 --profiling=false \
    --kube-api-qps=500 --kube-api-burst=1000 --concurrent-job-syncs=20 --concurrent-ttl-after-finished-syncs=20 --concurrent-gc-syncs=10
}

start_kube-scheduler() {
  start kube-scheduler "$run/bin/kube-scheduler" --kubeconfig="$run/data/config/scheduler.kubeconfig" \
    --leader-elect=false --bind-address=127.0.0.1 --profiling=false --kube-api-qps=500 --kube-api-burst=1000
}

start_kubelet() {
  start kubelet "$run/bin/kubelet" --config="$run/data/config/kubelet.yaml" --kubeconfig="$run/data/config/kubelet.kubeconfig" \
    --root-dir=/var/lib/kubelet --hostname-override="$node"
}

# Ready, without the taint that keeps pods away until the controller manager has noticed, and with the first service account:
# a Job whose pod is refused for want of one is tried again only after seconds.
node_ready() {
  "${kubectl[@]}" get "node/$node" serviceaccount/default --namespace default --output json 2>/dev/null |
    jq -e '.items[0] | (.spec.taints | not) and any(.status.conditions[]?; .type == "Ready" and .status == "True")' >/dev/null
}
