# Images in a node's containerd.
# shellcheck shell=bash disable=SC2034,SC2154  # the parts share the variables of common.sh

containerd_ctl() { ctr --address "$node_run/containerd.sock" --namespace k8s.io "$@"; }

has_image() { containerd_ctl images ls --quiet "name==$1" | grep -qxF "$1"; }

# The image store outlives a cluster; containers of the last one are in it too. CRI reads them when containerd starts,
# so they must go, and containerd start again, before the kubelet looks.
forget_containers() {
  local containers
  containers=$(containerd_ctl containers ls --quiet)
  [ -n "$containers" ] || return 0
  # shellcheck disable=SC2086  # one argument per container
  containerd_ctl containers rm $containers >/dev/null 2>&1 || true
  kill_program containerd # not politely: it takes two seconds to leave, and its store survives any death
  start_containerd
  await containerd 20 containerd_answers
}

# A node joins with the images that the other one has: no registry would give them to it.
copy_images() {
  local missing
  missing=$(comm -23 <(image_names 1) <(image_names 2))
  [ -n "$missing" ] || return 0
  # shellcheck disable=SC2086  # one argument per image
  on_node 1 containerd_ctl images export - $missing | on_node 2 containerd_ctl images import - >/dev/null
}

# Of those with names: containerd keeps each a second time under its digest.
image_names() { on_node "$1" containerd_ctl images ls --quiet | grep -v ^sha256: | sort; }

# A pod's first container holds its namespaces and does nothing. No registry gives it to us: it is one static program
# (pause/pause.c), packed here as `docker save` would.
import_pause_image() {
  ! has_image "$pause_image" || return 0
  local work layer_id
  work=$(mktemp -d)
  # shellcheck disable=SC2064  # this call's folder
  trap "rm -rf '$work'" RETURN
  mkdir "$work/root" "$work/image"
  gcc -Os -static -s -o "$work/root/pause" "$embedded/pause/pause.c"
  tar --create --file "$work/image/layer.tar" --directory "$work/root" --owner 0 --group 0 pause
  layer_id=$(sha256sum "$work/image/layer.tar" | cut -d' ' -f1)
  cat >"$work/image/config.json" <<JSON
{"architecture": "$(dpkg --print-architecture)", "os": "linux", "config": {"Entrypoint": ["/pause"], "User": "65535:65535"},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$layer_id"]}, "history": [{"created_by": "k8s/embedded/pause"}]}
JSON
  echo "[{\"Config\": \"config.json\", \"RepoTags\": [\"$pause_image\"], \"Layers\": [\"layer.tar\"]}]" >"$work/image/manifest.json"
  tar --create --file "$work/pause.tar" --directory "$work/image" manifest.json config.json layer.tar
  containerd_ctl images import "$work/pause.tar" >/dev/null
}
