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

  make_certificate "$pki/apiserver" /CN=kube-apiserver \
    "DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:$service_address"
  make_certificate "$pki/apiserver-kubelet-client" /O=system:masters/CN=kube-apiserver-kubelet-client
  make_certificate "$pki/admin" /O=system:masters/CN=admin
  make_certificate "$pki/controller-manager" /CN=system:kube-controller-manager
  make_certificate "$pki/scheduler" /CN=system:kube-scheduler

  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -out "$pki/service-account.key" 2>/dev/null
  openssl pkey -in "$pki/service-account.key" -pubout -out "$pki/service-account.pub"
}

# make_certificate FILE SUBJECT [ALTERNATIVE-NAMES]: makes FILE.crt and FILE.key.
make_certificate() {
  local pki=$data/pki
  openssl req -x509 -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 3650 \
    -subj "$2" -addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=serverAuth,clientAuth \
    ${3:+-addext "subjectAltName=$3"} -keyout "$1.key" -out "$1.crt" 2>/dev/null
}

# make_kubeconfig CERTIFICATE FILE: self-contained, so that it can be copied.
make_kubeconfig() {
  local pki=$data/pki user
  user=$(basename "$1")
  rm -f "$2"
  cat >"$2" <<YAML
apiVersion: v1
kind: Config
clusters: [{name: oneshot, cluster: {server: "https://127.0.0.1:6443", certificate-authority-data: $(base64 -w0 "$pki/ca.crt")}}]
users: [{name: $user, user: {client-certificate-data: $(base64 -w0 "$1.crt"), client-key-data: $(base64 -w0 "$1.key")}}]
contexts: [{name: oneshot, context: {cluster: oneshot, user: $user}}]
current-context: oneshot
YAML
}
