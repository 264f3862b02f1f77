# The helper: one long-lived sh that starts runs, so that a run costs the agent no fork of its own. POSIX sh: dash, bash
# as sh, busybox ash. Every external command is a process of 2 to 4 ms and every fork one of 1 to 2: so builtins wherever
# there is one, and the processes of the next run are forked while nobody waits for them.
#
# $1 bytes of output to keep of a run, $2 reads of 32 KiB a segment may take, $3 bytes of the beginning never dropped.
# PATH and LANG are the scripts' as well. Requests are lines of data on stdin, never code, one value a line
# (launch-helper.ts). On stdout stand the directories of runs of which nothing more is to come. At the end of its input
# the helper ends; the runs go on.
umask 077
bound=$1 reads=$2 head=$3

# Sets pid, parent and start (clock ticks since boot) of the very process that calls it; $$ is the helper's in a subshell.
own() {
  read -r pid rest </proc/self/stat
  set -- ${rest##*) }
  parent=$2 start=${20}
}

# Waits for a request, claims its run, runs the script with this function's stdout as its stdout and stderr, and tells how
# it ended. The status file is the claim: it is created exclusively, so two can never start one run.
supervise() {
  own
  IFS= read -r run && IFS= read -r script && IFS= read -r cgroup && IFS= read -r switch && IFS= read -r user &&
    IFS= read -r uid && IFS= read -r gid && IFS= read -r home && IFS= read -r shell && IFS= read -r cwd &&
    IFS= read -r interpreter && IFS= read -r argument && IFS= read -r mark && IFS= read -r marker && IFS= read -r go &&
    [ "$go" = go ] || exit
  exec </dev/null
  printf '%s\n' "$run" # without a writer this ends by SIGPIPE, before the claim
  cd "$run" || exit
  set -C
  exec 3>status || exit
  set +C
  exec 3>>status # others append to it as well
  echo "claimed $pid $start" >&3 || exit
  echo claimed
  # so that a script of another user may open /dev/stdout: a pipe belongs to who made it
  [ "$switch" = none ] || chown "$uid:$gid" /dev/fd/1
  (run_script)
  echo "exit $?" >&3
  printf %s "$mark" # may end this shell by SIGPIPE when the writer is dead: the exit line is safe by then
  echo marked >&3
}

# Never returns. The pid line comes before the script: no line, and nothing ever ran.
run_script() {
  own
  joined=-
  if [ -n "$cgroup" ] && echo 0 >"$cgroup/cgroup.procs"; then joined=$cgroup; fi
  echo "pid $pid $start $joined" >&3
  exec 3>&- 2>&1
  umask 022
  HOME=$home USER=$user LOGNAME=$user SHELL=$shell CLOUD_ASSISTANT_RUN=$marker
  export HOME USER LOGNAME SHELL CLOUD_ASSISTANT_RUN
  enter='cd "$0" || exit 126; unset OLDPWD; exec "$@"'
  enter_su='cd "$0" || exit 126; unset OLDPWD; PATH=$1 SHELL=$2; export PATH SHELL; shift 2; exec "$@"'
  set -- "$interpreter" ${argument:+"$argument"} "$run/$script"
  case $switch in
    none)
      cd "$cwd" || exit 126
      unset OLDPWD
      exec setsid "$@"
      ;;
    setpriv) exec setsid setpriv --reuid "$uid" --regid "$gid" --init-groups -- /bin/sh -c "$enter" "$cwd" "$@" ;;
    runuser) exec setsid runuser -u "$user" -- /bin/sh -c "$enter" "$cwd" "$@" ;;
    su) exec setsid su -s /bin/sh -c "$enter_su" -- "$user" "$cwd" "$PATH" "$shell" "$@" ;;
  esac
  exit 126
}

# Drains the run's pipe (its stdin) into segments named by the offset they begin at: out.0, out.8388608, … A segment that
# is gone, or bytes between two segments, are dropped output, so the count of it is exact without a record.
#   dd with bs= writes each read at once (output is live) and ends after `count` reads without reading more. It reports
#   into a file that was made with the run, so that it can on a full disk; <> keeps the room.
#   $@ here: the segments that may be dropped, oldest first, as OFFSET:BYTES. The head is not among them.
write() {
  own
  [ "$parent" = "$middle" ] || exit
  IFS= read -r run || exit # no more than the line
  kill -ALRM "$middle"
  cd "$run" && read -r line || exit # not claimed: no line, and no status file to append to; what follows is the script's
  echo "writer $pid $start" >>status
  trap '' PIPE # when this shell is killed, its dd goes on, and must outlive its next word to it
  LC_ALL=C
  export LC_ALL
  set --
  at=0 segment=0 size=0 kept=0 count=$reads drains= last=
  while :; do
    rotate=
    if dd bs=32768 count="$count" 2<>report >>"out.$segment"; then
      records
      [ -n "$bytes" ] || bytes=$(($(wc -c <"out.$segment") - size))
      size=$((size + bytes)) kept=$((kept + bytes)) at=$((at + bytes))
    else
      failed
    fi
    if [ -n "$last" ] || [ $((full + partial)) -lt "$count" ]; then
      [ -z "$drains" ] || { [ -e status ] && echo "drained $at" >>status; }
      printf '%s\n' "$run"
      [ -n "$last" ] || exit
      exec cat >/dev/null
    fi
    if [ -n "$rotate" ] || [ "$size" -ge $((reads * 32768)) ]; then
      [ "$segment" -lt "$head" ] || set -- "$@" "$segment:$size"
      segment=$at size=0
    fi
    if is_marked; then
      # The end mark is in what was read, or among the bytes now in the pipe. This many reads of up to 32 KiB take all of
      # the largest pipe an ordinary user can have (1 MiB); what follows is nobody's output.
      last=1 count=40
    else
      while [ $# -gt 0 ] && [ $((kept + reads * 32768)) -gt "$bound" ]; do
        rm -f "out.${1%:*}"
        kept=$((kept - ${1#*:}))
        shift
      done
    fi
    wipe
  done
}

# The segment could not be begun (status 1 or 2 and no report), or dd failed in it: disk full, or dd was killed. What is in
# the file is what was kept. Of the block that dd held, the size is lost with it: 1 to 32768 bytes, counted as 1. What
# follows is drained and counted until a segment can be begun again.
failed() {
  code=$?
  # No directory: the run is over and reported, nobody wants the rest. The script must be neither blocked nor killed.
  [ -e status ] || exec cat >/dev/null
  records
  torn=1
  case $code$full in 1 | 2) torn=0 ;; esac
  written=0
  [ -e "out.$segment" ] && written=$(($(wc -c <"out.$segment")))
  kept=$((kept + written - size)) size=$written rotate=1 drains=1
  wipe
  dd bs=32768 count="$count" 2<>report >/dev/null || exec cat >/dev/null
  records
  at=$((segment + written + torn + ${bytes:-$((full * 32768 + partial))}))
}

# From dd's report, "3+1 records in … 98309 bytes copied": full and partial reads (empty: there is no report), and bytes
# (empty: some busybox builds do not tell them).
records() {
  full= partial= bytes=
  while read -r line; do
    case $line in
      *" records in") full=${line%%+*} partial=${line#*+} partial=${partial%% *} ;;
      [0-9]*" "*" copied"*) bytes=${line%% *} ;;
    esac
  done <report
}

# So that nothing of the last report is taken for one of the next.
wipe() {
  printf '%256s\n' '' 1<>report
}

is_marked() {
  while read -r word rest; do
    [ "$word" = marked ] && return
  done <status
  return 1
}

while :; do
  # Not `supervise | write &`: a shell without a terminal starts that with SIGINT and SIGQUIT ignored, and none of these
  # shells can give them back to the script. So a subshell starts the two in its foreground, and the second one ends it
  # with SIGALRM when the first has a request: until then there is one reader of requests, and no more.
  (
    for middle in /proc/self/task/*; do middle=${middle##*/}; done
    supervise | write
  )
  [ $? = 142 ] || exit
done
