# What the programs read at their start, and whether a running cluster was started with what the checkout holds now.
# shellcheck shell=bash disable=SC2034,SC2154  # the parts share the variables of common.sh

# The certificates and keys are readable by root alone; the administrator's kubeconfig by whoever called us.
write_configuration() {
  local name
  umask 077
  make_certificates
  mkdir -p "$data/config"
  for name in controller-manager scheduler; do make_kubeconfig "$data/pki/$name" "$data/config/$name.kubeconfig"; done
  make_kubeconfig "$data/pki/admin" "$state/kubeconfig"
  chown "${SUDO_UID:-0}:${SUDO_GID:-0}" "$state/kubeconfig"
  umask 022
}

write_node_configuration() {
  umask 077
  mkdir -p "$node_data"/{pki,config/cni,cni}
  cp "$embedded/config/containerd.toml" "$embedded/config/kubelet.yaml" "$node_data/config/"
  cp "$embedded/config/runs.conflist" "$node_data/config/cni/"
  gcc -Os -static -s -o "$node_data/cni/no-network" "$embedded/cni/no-network.c"
  ln -sf no-network "$node_data/cni/loopback"
  [ -e "$node_data/pki/ca.crt" ] || cp "$data/pki/ca.crt" "$node_data/pki/"
  make_certificate "$node_data/pki/kubelet" "/O=system:nodes/CN=system:node:$node_name" "DNS:localhost,IP:$node_address"
  make_kubeconfig "$node_data/pki/kubelet" "$node_data/config/kubelet.kubeconfig"
  umask 022
}

# Changes with everything that a running cluster was started from: its files, its programs and their flags.
configuration_hash() {
  {
    cat "$embedded"/{config,cni}/* "$embedded"/lib/{nodes.sh,processes.sh,certificates.sh,namespace,launch,supervise} "$state/bin/kubernetes.source"
  } | sha256sum | cut -d' ' -f1
}
