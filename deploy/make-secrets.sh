#!/bin/sh
# Makes the keys and passwords that compose.yaml reads, each in a file that only you may read, under deploy/secrets.
# Files that are there already are kept: run it again after adding one.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets

# As many random bytes as asked for, in hexadecimal.
random() { od -A n -N "$1" -t x1 /dev/urandom | tr -d ' \n'; }

if [ ! -e secrets/livekit-keys.yaml ] || [ ! -e secrets/worker.env ]; then
  key="API$(random 8)"
  secret="$(random 32)"
  printf '%s: %s\n' "$key" "$secret" >secrets/livekit-keys.yaml
  # Keys of speech providers and models go into this file too, one NAME=value a line.
  printf 'LIVEKIT_API_KEY=%s\nLIVEKIT_API_SECRET=%s\n' "$key" "$secret" >secrets/worker.env
fi
[ -e secrets/redis.env ] || printf 'REDIS_PASSWORD=%s\n' "$(random 24)" >secrets/redis.env
[ -e secrets/grafana.env ] || printf 'GF_SECURITY_ADMIN_PASSWORD=%s\n' "$(random 12)" >secrets/grafana.env
