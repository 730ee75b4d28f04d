#!/bin/sh
# Installs what `npm run test:system` needs, on Debian: as root, or with sudo.
set -eu
if [ "$(id -u)" = 0 ]; then as_root=; else as_root=sudo; fi

had_coturn=$(dpkg-query --show --showformat='${Status}' coturn 2>/dev/null || true)
$as_root apt-get update
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
  chromium coturn libsecp256k1-dev

# Debian starts it as a service, on all addresses; the tests start their own.
if [ "$had_coturn" != 'install ok installed' ] && [ -d /run/systemd/system ]; then
  $as_root systemctl disable --now coturn
fi
