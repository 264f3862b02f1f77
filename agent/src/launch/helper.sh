# The launch helper: one long-lived shell that forks a supervisor and a writer for each run. Requests come on stdin as
# data, one value a line; nothing of them is ever read as code. It ends at end of file; the runs go on.
#
# Written for dash, busybox ash and bash alike. Every external command is a process of 2 to 3 ms, so builtins wherever
# there is one. `dd` copies each read at once and stops after COUNT reads without having read ahead, so output is live
# and no byte is lost between two segments of the spool.
set -f
umask 022
while IFS= read -r dir; do
  IFS= read -r cgroup || exit
  IFS= read -r parent || exit
  IFS= read -r uid || exit
  IFS= read -r gid || exit
  IFS= read -r user || exit
  IFS= read -r home || exit
  IFS= read -r shell || exit
  IFS= read -r cwd || exit
  IFS= read -r interpreter || exit
  IFS= read -r argument || exit
  IFS= read -r script || exit
  IFS= read -r mark || exit
  IFS= read -r marker || exit
  IFS= read -r reads || exit
  IFS= read -r head || exit
  IFS= read -r limit || exit
  IFS= read -r go && [ "$go" = go ] || exit
  {
    # the supervisor: claims the run before anything else, so that two can never start it
    exec 9>>"$dir/status" || exit
    read -r stat </proc/self/stat
    set -- $stat
    set -C
    echo "$1 ${22}" >"$dir/claim" || exit
    set +C
    echo "claimed $1 ${22}" >&9
    echo go
    if [ -n "$cgroup" ]; then echo 0 >"$cgroup/cgroup.procs" || echo nocgroup >&9; fi
    HOME=$home USER=$user LOGNAME=$user SHELL=$shell CLOUD_ASSISTANT_RUN=$marker
    export HOME USER LOGNAME SHELL CLOUD_ASSISTANT_RUN
    if [ "$uid" = 0 ]; then
      if cd "$cwd"; then
        setsid "$interpreter" ${argument:+"$argument"} "$script" </dev/null 2>&1 9>&-
        code=$?
      else
        echo nodir >&9
        code=1
      fi
    else
      # a pipe belongs to who made it: its user must be able to open /dev/stdout
      chown "$uid:$gid" /dev/fd/1
      setsid setpriv --reuid="$uid" --regid="$gid" --init-groups -- /bin/sh -c 'cd "$1" || exit 126; shift; exec "$@"' sh \
        "$cwd" "$interpreter" ${argument:+"$argument"} "$script" </dev/null 2>&1 9>&-
      code=$?
    fi
    if [ -n "$cgroup" ]; then echo 0 >"$parent/cgroup.procs"; fi
    # what stands before the mark is the script's whole output, whoever still holds the pipe
    printf %s "$mark"
    echo "exit $code" >&9
  } 2>/dev/null | {
    # the writer: owns the spool once the run is claimed, whether the agent lives or not
    read -r go || exit
    exec 9>>"$dir/status" || exit
    read -r stat </proc/self/stat
    set -- $stat
    echo "writer $1 ${22}" >&9
    index=0 kept=0 oldest=
    while :; do
      if ! LC_ALL=C dd bs=4096 count="$reads" >"$dir/out.$index" 2>"$dir/dd"; then
        [ -d "$dir" ] && echo "lost $index" >&9
        exec cat >/dev/null
      fi
      { read -r records rest; read -r rest; read -r bytes rest; } <"$dir/dd"
      [ $((${records%+*} + ${records#*+})) -lt "$reads" ] && exit
      [ -n "$bytes" ] || bytes=$(wc -c <"$dir/out.$index")
      eval "size_$index=$bytes"
      kept=$((kept + bytes))
      [ -z "$oldest" ] && [ "$kept" -gt "$head" ] && oldest=$((index + 1))
      while [ "$kept" -gt "$limit" ] && [ "$oldest" -le "$index" ]; do
        eval "bytes=\$size_$oldest"
        echo "$oldest $bytes" >>"$dir/dropped" || break
        rm -f "$dir/out.$oldest"
        kept=$((kept - bytes)) oldest=$((oldest + 1))
      done
      index=$((index + 1))
    done
  } 2>/dev/null &
  jobs >/dev/null
done
