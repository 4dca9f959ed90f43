#!/bin/sh
# Do not load this file with loaddata: plan and apply it with edmsplan.
echo "see examples/edms/README.md" >&2
exit 1
