# Starting the programs, and knowing which of them still run.
# A record is "PID START-TIME BOOT": a number alone may belong to somebody else by now.
# shellcheck shell=bash disable=SC2034,SC2154  # the parts share the variables of common.sh

read -r this_boot </proc/sys/kernel/random/boot_id

# Succeeds if the recorded program still runs (or is stopped: that is not dead), and sets `pid` and `started`. Starts no process itself,
# because lib/supervise asks all the time.
runs() {
  local boot stat fields
  read -r pid started boot 2>/dev/null <"$node_run/pids/$1" || return 1
  [ "$boot" = "$this_boot" ] || return 1
  # Fields after the last ')', where the name (which may hold anything) is behind us: the first is the state (a zombie is dead), the
  # 20th the start.
  read -r stat 2>/dev/null <"/proc/$pid/stat" || return 1
  # shellcheck disable=SC2206  # words without blanks
  fields=(${stat##*) })
  [ "${fields[19]}" = "$started" ] && [[ ${fields[0]} != [ZX] ]]
}

is_dead() { ! runs "$1"; }

dead_programs() {
  local name
  for name in "${programs[@]}"; do ! is_dead "$name" || echo "$name"; done
}

all_dead() { [ "$(dead_programs | wc -l)" -eq ${#programs[@]} ]; }

# Returns when it is dead: on a busy machine that takes a while, and who looks before would take it for one that lives.
kill_program() {
  ! runs "$1" || kill -KILL "$pid" 2>/dev/null || true
  wait_until 10 is_dead "$1" || die "$1 cannot be killed"
}

# start NAME COMMAND...: a daemon in a session of its own, in the node's cgroup and mount namespace.
# The first program makes that namespace (lib/namespace); the others join it.
start() {
  local name=$1 other namespace=(unshare --mount --propagation slave -- "$embedded/lib/namespace" "$node")
  for other in "${programs[@]}"; do
    if runs "$other"; then
      namespace=(nsenter --target "$pid" --mount --)
      break
    fi
  done
  shift
  rm -f "$node_run/pids/$name"
  setsid --fork "${namespace[@]}" "$embedded/lib/launch" "$(cgroup_tracking)/$node_cgroup/system" "$run/pids/$name" "$@" \
    >>"$logs/$name$node_suffix.log" 2>&1 </dev/null
  wait_until 10 test -s "$node_run/pids/$name" || died "$name"
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
  tail -n 30 "$logs/$1$node_suffix.log" >&2
  die "$1 did not start; the end of its log is above ($logs/$1$node_suffix.log)"
}

start_etcd() {
  start etcd /usr/bin/etcd --data-dir "$run/data/etcd" \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
    --initial-cluster default=http://127.0.0.1:2380 --unsafe-no-fsync
}

start_containerd() { start containerd /usr/bin/containerd --config "$run/data/config/containerd.toml"; }

# Asks what the kubelet asks first, and would die of not being told: containerd answers `ctr` before its CRI service is ready.
# A gRPC call of an empty message is five zero bytes over HTTP/2.
containerd_answers() {
  printf '\0\0\0\0\0' |
    curl --silent --max-time 2 --http2-prior-knowledge --unix-socket "$node_run/containerd.sock" --header 'content-type: application/grpc' \
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

apiserver_answers() { curl --silent --fail --max-time 1 --output /dev/null --cacert "$data/pki/ca.crt" https://127.0.0.1:6443/readyz; }

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
    --root-dir=/var/lib/kubelet --hostname-override="$node_name" --cgroup-root="/$node_cgroup" \
    --address="$node_address" --healthz-bind-address="$node_address"
}

start_supervisor() { start supervisor "$embedded/lib/supervise" "$node"; }
