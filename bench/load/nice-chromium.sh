#!/bin/sh
# Linux weighs sessions before it weighs processes (sched(7), autogroup): the nice value of a browser that has a session of its
# own counts for nothing beside another session. So the session, where it is the browser's own, is made as nice.
if [ "$(cut -d' ' -f6 /proc/$$/stat)" = $$ ] && [ -w /proc/$$/autogroup ]; then
  echo 10 >/proc/$$/autogroup
fi
exec nice -n 10 "${CHROMIUM:-/usr/bin/chromium}" "$@"
