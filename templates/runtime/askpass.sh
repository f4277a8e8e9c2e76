#!/bin/sh
# Git's GIT_ASKPASS: answers `Username for 'https://host': ` and `Password for 'https://user@host': ` from the Secret that
# use_credentials (git-credentials.sh) has chosen, if the question is about that Secret's host.
case $1 in
*"//$GOCD_LOGIN_HOST'"* | *"@$GOCD_LOGIN_HOST'"*) ;;
*) exit 1 ;;
esac
case $1 in
Username*) [ -f "$GOCD_LOGIN/username" ] && cat "$GOCD_LOGIN/username" || echo git ;;
*) cat "$GOCD_LOGIN/password" ;;
esac
