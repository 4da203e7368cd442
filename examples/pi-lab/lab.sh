#!/bin/sh
# An access point and its cloud on this machine. The first argument is what it observes; more go to the agent.
#   ./lab.sh live:wlan1
#   ./lab.sh file:capture.pcap --exit-when-done
set -eu
source=${1:?what to observe: live:INTERFACE, or file:CAPTURE}
shift
PATH="$PWD/node_modules/.bin:$PATH"
export AIRHERD_HOME="${AIRHERD_HOME:-$PWD/home}"
devices="$AIRHERD_HOME/devices"
if [ ! -d "$devices" ]; then
  airherd certs init
  airherd device create --kind ap
  airherd device claim "$(ls "$devices" | grep '^AH')" --org lab --site bench
fi
serial=$(ls "$devices" | grep '^AH')
airherd cloud --port "${PORT:-8883}" --api-port "${API_PORT:-8443}" &
trap 'kill $!' EXIT
airherd cloud status --wait 60s
airherd agent --identity "$devices/$serial" --cloud "mqtts://localhost:${PORT:-8883}" --source "$source" "$@"
airherd cloud status
