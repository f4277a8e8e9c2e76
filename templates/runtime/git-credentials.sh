# Sourced by the scripts that talk to repositories. `use_credentials NAME URL` lets git log in to the host of URL with the
# Secret NAME, mounted at /gocd-secrets/NAME; keys `username` and `password` (HTTPS), or `ssh-privatekey` and `known_hosts`.
# No such Secret, or no name: anonymous. Nothing secret is printed, put in a URL or passed as an argument.

gocd_secrets=${GOCD_SECRETS:-/gocd-secrets}
private=$(umask 077 && mktemp -d) || exit 1 # also the scripts' own temporary directory
trap 'rm -rf "$private"' EXIT
trap 'exit 143' TERM INT

# Git refuses repositories of another user (the workspace may belong to one); it never asks a person.
# Without a name git looks the machine's own up, which may take ten seconds in a pod.
export GIT_COMMITTER_NAME=gocd GIT_COMMITTER_EMAIL=gocd@localhost GIT_AUTHOR_NAME=gocd GIT_AUTHOR_EMAIL=gocd@localhost
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*' GIT_TERMINAL_PROMPT=0

use_credentials() {
  unset GIT_ASKPASS GIT_SSH_COMMAND GOCD_LOGIN GOCD_LOGIN_HOST
  secret=$gocd_secrets/${1:-}
  [ -n "${1:-}" ] && [ -d "$secret" ] || return 0
  if [ -f "$secret/password" ]; then
    # askpass.sh answers for this host only: a submodule elsewhere must not get the password.
    host=${2#*://} host=${host%%/*}
    export GIT_ASKPASS="${GOCD_LIB:-/gocd-lib}/askpass.sh" GOCD_LOGIN="$secret" GOCD_LOGIN_HOST="${host##*@}"
  fi
  if [ -f "$secret/ssh-privatekey" ]; then
    # ssh wants a key that only its user can read; a mounted Secret often is not.
    key=$private/key-$1
    [ -f "$key" ] || { (umask 077 && cat "$secret/ssh-privatekey" >"$key") || return 1; }
    [ -f "$secret/known_hosts" ] || printf '[gocd] Secret %s has no known_hosts: ssh will refuse the host\n' "$1" >&2
    export GIT_SSH_COMMAND="ssh -i '$key' -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile='$secret/known_hosts'"
  fi
}
