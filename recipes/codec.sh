#!/usr/bin/env bash
# Makes the shipped codecs: small-codec of everyone in recipes/teachers.sh, mel-vq of those who speak
# English, aligned so that its codes tell phones. Two CPU cores, an hour and a half.
set -euo pipefail
work=${1:-teachers}
runs=${2:-"$work/runs"}
minutes=${3:-45}
[ -e "$work/everyone" ] || "$(dirname "$0")/teachers.sh" "$work"
intone prepare "$work/everyone" -o "$work/prepared-everyone" --frontend characters --language en
intone train codec --family small-codec --corpus "$work/prepared-everyone" -o "$runs" \
    --run small-codec --resume auto losses.warmup_steps=100000 train.max_minutes="$minutes" \
    train.steps=100000 train.validate_every=1000 train.samples_every=0
intone prepare "$work/english" -o "$work/prepared-english"
intone align "$work/prepared-english"
intone train codec --family mel-vq --corpus "$work/prepared-english" -o "$runs" --run mel-vq \
    --resume auto model.phones=0.3 train.max_minutes="$minutes" train.steps=100000 \
    train.validate_every=1000 train.samples_every=0 data.max_frames=1500
intone codec info "$runs/small-codec"
intone codec info "$runs/mel-vq"
# Into the package: python benchmarks/ship_codec.py "$runs/mel-vq" --name mel-vq
