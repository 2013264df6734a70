#!/bin/bash
# Asked by the container engine every few seconds, so it starts nothing heavier than a shell: whether this container's
# service can do its work now. Prints the answer; exit code 0 or 1.
address=${ORCHESTRATOR_HEALTH_ADDRESS:-127.0.0.1:8081}
exec 3<>"/dev/tcp/127.0.0.1/${address##*:}" || exit 1
printf 'GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&3
IFS= read -r -t 9 status <&3 || exit 1
echo "$status"
tail -n 1 <&3
[[ $status == *' 200 '* ]]
