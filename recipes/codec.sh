#!/usr/bin/env bash
# Makes codecs like the shipped ones: small-codec of everyone in recipes/teachers.sh; mel-vq of the
# same but the Russians, whose letters the English frontend does not read, and of voices that are
# calm, excited and sad; those who speak English are aligned, so that it learns to tell phones. Two
# CPU cores, seven hours and more.
set -euo pipefail
work=${1:-teachers}
runs=${2:-"$work/runs"}
minutes=${3:-75}
here=$(dirname "$0")
[ -e "$work/everyone" ] || "$here/teachers.sh" "$work"
intone prepare "$work/everyone" -o "$work/prepared-everyone" --frontend characters --language en
intone train codec --family small-codec --corpus "$work/prepared-everyone" -o "$runs" \
    --run small-codec --resume auto losses.warmup_steps=100000 train.max_minutes="$minutes" \
    train.steps=100000 train.validate_every=1000 train.samples_every=0
python "$here/emotional_corpus.py" "$work/moods" 540
python "$here/join_corpora.py" "$work/moody" "$work/english" "$work/moods"
intone prepare "$work/moody" -o "$work/prepared-moody" --language en
intone align "$work/prepared-moody"
# Others speak many languages, so they join without an alignment.
others=("$work"/parts/{people_once,people_twice,czech_*,hy_*,lp_*,pc_*,suo_*,upc_*})
python "$here/join_corpora.py" "$work/moody" "$work/english" "$work/moods" "${others[@]}"
intone prepare "$work/moody" -o "$work/prepared-moody" --language en
telling=(model.codebooks=3 model.codebook_size=2048 model.width=24 model.decay=0.99 model.voice=32
    model.disguise=0.7 model.phones=0.3 model.pitch=0.15 train.steps=100000 train.validate_every=1000 train.samples_every=0
    data.max_frames=3000)
intone train codec --family mel-vq --corpus "$work/prepared-moody" -o "$runs" --run mel-vq-frames \
    --resume auto "${telling[@]}" model.heard=1 train.max_minutes="$((2 * minutes))"
# Then what is understood counts more than each frame does.
intone train codec --family mel-vq --corpus "$work/prepared-moody" -o "$runs" --run mel-vq \
    --from-voice "$runs/mel-vq-frames" --resume auto "${telling[@]}" model.heard=3 model.shape=1.5 \
    'train.loss_weights={mel: 0.3}' train.learning_rate=7e-4 train.max_minutes="$((2 * minutes))"
intone codec info "$runs/small-codec"
intone codec info "$runs/mel-vq"
# Into the package: python benchmarks/ship_codec.py "$runs/mel-vq" --name mel-vq
