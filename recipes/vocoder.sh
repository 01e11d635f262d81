#!/usr/bin/env bash
# Makes a vocoder like the shipped one: vocos-hn of preset laptop, on everyone in recipes/teachers.sh,
# half of the pieces disguised as somebody else's.
set -euo pipefail
work=${1:-teachers}
minutes=${2:-100}
[ -e "$work/everyone" ] || "$(dirname "$0")/teachers.sh" "$work"
intone prepare "$work/everyone" -o "$work/prepared-everyone" --frontend characters --language en
intone train vocoder --corpus "$work/prepared-everyone" --preset laptop -o "$work/runs" \
    --run universal --resume auto train.max_minutes="$minutes" train.steps=1000000
# Into the package:
# python benchmarks/ship_vocoder.py "$work/runs/universal" "$work/prepared-everyone" --command "..."
