# One authority and one certificate per speaker, made anew with every cluster: they never expire and never leave it.
# P-256 keys, because each attach of a run opens a TLS connection and RSA would cost a millisecond more of CPU.
# shellcheck shell=bash disable=SC2034,SC2154  # the parts share the variables of common.sh

service_address=10.96.0.1   # the first of --service-cluster-ip-range

make_certificates() {
  local pki=$data/pki
  mkdir -p "$pki"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 3650 -subj /CN=oneshot-embedded \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
    -keyout "$pki/ca.key" -out "$pki/ca.crt" 2>/dev/null

  make_certificate apiserver /CN=kube-apiserver \
    "DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:$service_address"
  make_certificate kubelet "/O=system:nodes/CN=system:node:$node" DNS:localhost,IP:127.0.0.1
  make_certificate apiserver-kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client
  make_certificate admin /O=system:masters/CN=admin
  make_certificate controller-manager /CN=system:kube-controller-manager
  make_certificate scheduler /CN=system:kube-scheduler

  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -out "$pki/service-account.key" 2>/dev/null
  openssl pkey -in "$pki/service-account.key" -pubout -out "$pki/service-account.pub"
}

# make_certificate NAME SUBJECT [ALTERNATIVE-NAMES]
make_certificate() {
  local pki=$data/pki
  openssl req -x509 -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 3650 \
    -subj "$2" -addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=serverAuth,clientAuth \
    ${3:+-addext "subjectAltName=$3"} -keyout "$pki/$1.key" -out "$pki/$1.crt" 2>/dev/null
}

# make_kubeconfig NAME FILE: self-contained, so that it can be copied.
make_kubeconfig() {
  local pki=$data/pki
  rm -f "$2"
  cat >"$2" <<YAML
apiVersion: v1
kind: Config
clusters: [{name: oneshot, cluster: {server: "https://127.0.0.1:6443", certificate-authority-data: $(base64 -w0 "$pki/ca.crt")}}]
users: [{name: $1, user: {client-certificate-data: $(base64 -w0 "$pki/$1.crt"), client-key-data: $(base64 -w0 "$pki/$1.key")}}]
contexts: [{name: oneshot, context: {cluster: oneshot, user: $1}}]
current-context: oneshot
YAML
}
