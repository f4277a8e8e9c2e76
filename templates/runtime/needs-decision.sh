#!/bin/sh
# needs-decision.sh FINDING WORD…: stands in front of a command that the converter could not convert. Fails, and says why.
# The mark makes the whole task fail (lib.sh), also where the script goes on after a failed command.
finding=$1
shift
printf '[gocd2argo] %s: not converted: %s; see docs/findings/%s.md\n' "$finding" "$*" "$finding" >&2
: >"${GOCD_DIR:-/gocd}/undecided" 2>/dev/null
exit 1
