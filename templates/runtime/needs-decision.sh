#!/bin/sh
# needs-decision.sh FINDING WORD…: stands in front of a command that the converter could not convert. Fails, and says why.
finding=$1
shift
printf '[gocd2argo] %s: not converted: %s; see docs/findings/%s.md\n' "$finding" "$*" "$finding" >&2
exit 1
