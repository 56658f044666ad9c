#!/bin/sh
# Runs the command of a service under a limit of processes, without the possibility to gain rights:
# confined.sh PROCESSES COMMAND...
#
# The engine can do both for a service, but the Pulumi provider cannot tell it so.
# The engine gets the text of this file in each service's command: for any other text it restarts all tasks.

processes=$1
shift
# The option is -p in dash and busybox, -u in bash. Where the engine has set a lower limit, both fail and that one stays.
# shellcheck disable=SC3045 # each shell knows one of the two
ulimit -p "$processes" 2> /dev/null || ulimit -u "$processes" 2> /dev/null
# The image of another team may have no setpriv.
if command -v setpriv > /dev/null; then
    set -- setpriv --no-new-privs "$@"
fi
exec "$@"
