#!/usr/bin/env bash
# Makes small-codec and mel-vq on a prepared corpus, such as the one that recipes/vocoder.sh leaves
# in vocoder/prepared. Two CPU cores, within the hour.
set -euo pipefail
prepared=${1:?the folder of a prepared corpus}
runs=${2:-runs}
intone train codec --family small-codec --corpus "$prepared" -o "$runs" --run small-codec \
    --resume auto train.max_minutes=35 train.steps=1000000 train.samples_every=3000
intone train codec --family mel-vq --corpus "$prepared" -o "$runs" --run mel-vq \
    --resume auto train.max_minutes=15 train.steps=1000000 data.max_frames=2000
intone codec info "$runs/small-codec"
intone codec info "$runs/mel-vq"
