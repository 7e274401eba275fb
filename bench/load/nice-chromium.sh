#!/bin/sh
exec nice -n 10 "${CHROMIUM:-/usr/bin/chromium}" "$@"
