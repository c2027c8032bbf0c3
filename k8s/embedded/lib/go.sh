# Finding a Go that is new enough for Kubernetes (binaries/go.mod), or getting one.
# shellcheck shell=bash disable=SC2034,SC2154  # the parts share the variables of common.sh

go_minimum=1.24
go_download=go1.24.13
go_cache=${XDG_CACHE_HOME:-$HOME/.cache}/oneshot/$go_download

# Prints the path of a sufficient go. From 1.21 on, Go itself fetches what go.mod asks for, unless told not to.
find_go() {
  local go version
  for go in "$(command -v go || true)" /usr/local/go/bin/go /usr/lib/go-1.2[4-9]/bin/go "$go_cache/bin/go"; do
    [ -x "$go" ] || continue
    version=$(cd "$embedded/binaries" && "$go" env GOVERSION 2>/dev/null) || continue
    if printf '%s\n' "$go_minimum" "${version#go}" | sort --version-sort --check=quiet; then
      echo "$go"
      return 0
    fi
  done
  return 1
}

# Debian 12's own Go (1.19) is too old to build Kubernetes and too old to replace itself, but it can fetch a module,
# checksum database and proxy settings included, and each newer toolchain is published as one.
download_go() {
  local old module
  old=$(command -v go || compgen -G "/usr/lib/go-*/bin/go" | head -n 1) || true
  [ -n "$old" ] || die "Go is not installed (≥ $go_minimum, or an older one that can download it);" "scripts/setup run installs Debian's"
  module=$(cd / && GOFLAGS='' "$old" mod download -json \
    "golang.org/toolchain@v0.0.1-$go_download.linux-$(dpkg --print-architecture)") ||
    die "cannot download $go_download through the Go module proxy:" "$(jq -r '.Error? // empty' <<<"$module")"
  rm -rf "$go_cache" "$go_cache.new"
  mkdir -p "$(dirname "$go_cache")"
  cp -r "$(jq -r .Dir <<<"$module")" "$go_cache.new" || die "cannot copy $go_download to $go_cache"
  # A module has no executable files; Go gives a toolchain its own back when it unpacks one itself.
  chmod -R u+w "$go_cache.new"
  chmod +x "$go_cache.new"/bin/* "$go_cache.new"/pkg/tool/*/*
  mv "$go_cache.new" "$go_cache"
}
