# What the programs read at their start, and whether a running cluster was started with what the checkout holds now.
# shellcheck shell=bash disable=SC2034,SC2154  # the parts share the variables of common.sh

# The certificates and keys are readable by root alone; the administrator's kubeconfig by whoever called us.
write_configuration() {
  local name
  umask 077
  make_certificates
  mkdir -p "$data/config" "$data/config/cni"
  cp "$embedded/config/containerd.toml" "$embedded/config/kubelet.yaml" "$data/config/"
  cp "$embedded/config/runs.conflist" "$data/config/cni/"
  for name in controller-manager scheduler kubelet; do make_kubeconfig "$name" "$data/config/$name.kubeconfig"; done
  make_kubeconfig admin "$state/kubeconfig"
  chown "${SUDO_UID:-0}:${SUDO_GID:-0}" "$state/kubeconfig"
  umask 022
}

# Changes with everything that a running cluster was started from: its files, its programs and their flags.
configuration_hash() {
  {
    cat "$embedded"/config/* "$embedded"/lib/{processes.sh,certificates.sh,namespace,launch} "$state/bin/kubernetes.source"
  } | sha256sum | cut -d' ' -f1
}
