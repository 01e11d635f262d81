#!/usr/bin/env bash
# Makes every corpus that the shipped vocoder and codecs learned from: 33 voices of flite, festival
# and espeak-ng, and some fifty people. Needs (apt install) flite festival festvox-ru fortunes fortunes-ru and, for voices
# beside theirs, festvox-kdlpc16k festvox-us-slt-hts festvox-italp16k festvox-itapc16k
# festvox-ca-ona-hts festvox-czech-dita festvox-czech-krb festvox-czech-machac festvox-czech-ph
# festvox-suopuhe-lj festvox-suopuhe-mv; for people, whose recordings come out of packages too, ffmpeg.
# Leaves english/ (19 voices), everyone/ (all 33, and the people's two hours twice, beside eight of
# teachers) and the parts they are joined from.
set -euo pipefail
work=${1:-teachers}
here=$(dirname "$0")
mkdir -p "$work/parts"
python "$here/fortune_sentences.py" > "$work/english.txt"
python "$here/fortune_sentences.py" russian > "$work/russian.txt"
tail -n +1400 "$work/english.txt" > "$work/others.txt"
tail -n +3000 "$work/russian.txt" > "$work/russian_others.txt"

speak() { # name, teacher, sentences, count, voices
    local voices=()
    for voice in "${@:5}"; do voices+=(--voice "$voice"); done
    intone corpus make "$work/parts/$1" --teacher "$2" --sentences "$3" --count "$4" "${voices[@]}"
}

speak flite flite "$work/english.txt" 1300 rms slt awb
speak espeak espeak "$work/others.txt" 120 en-us+m1 en-us+f2 en-gb+m3 en-us+f4 en-us+m7 en-gb+f5
speak variants espeak "$work/others.txt" 80 \
    en-us+m5 en-us+f1 en-gb+m2 en-us+klatt en-us+klatt3 en-gb+f4 en-us+m4 en-us+whisperf
speak festival festival "$work/others.txt" 350 ked_diphone cmu_us_slt_arctic_hts
speak russian festival "$work/russian.txt" 1000 msu_ru_nsh_clunits
speak espeak_russian espeak "$work/russian_others.txt" 75 ru ru+m2 ru+f3 ru+m5
# They read English as their language would be read: what counts here is that nobody else speaks so.
foreign=(czech_dita czech_krb czech_machac czech_ph hy_fi_mv_diphone lp_diphone pc_diphone
    suo_fi_lj_diphone upc_ca_ona_hts)
for voice in "${foreign[@]}"; do
    speak "$voice" festival "$work/others.txt" 90 "$voice"
done

python "$here/human_voices.py" "$work/people"
for part in people_once people_twice; do
    ln -sfn ../people/learn "$work/parts/$part"
done

python "$here/join_corpora.py" "$work/english" "$work"/parts/{flite,espeak,variants,festival}
python "$here/join_corpora.py" "$work/everyone" "$work"/parts/*
