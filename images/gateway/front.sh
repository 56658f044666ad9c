#!/bin/sh
# Runs HAProxy with the published ports: front.sh CONFIGURATION
#
# MACHINE becomes the address of the engine's machine, as the container sees it: the gateway of its default route.

set -eu

route=$(awk '$2 == "00000000" { print $3; exit }' /proc/net/route)
# The kernel writes the address backwards, in hexadecimal digits.
MACHINE=$(printf '%d.%d.%d.%d' "0x${route#??????}" "0x$(printf %.2s "${route#????}")" \
    "0x$(printf %.2s "${route#??}")" "0x$(printf %.2s "$route")")
export MACHINE
exec haproxy -W -db -f "$1"
