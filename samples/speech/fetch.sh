#!/bin/sh
# Brings recordings by the system's own package tools (Debian 12, amd64), without installing anything:
#   espeak-ng                      a speech synthesiser: the ten digits by 24 synthetic voices at three speeds, 720 recordings
#   asterisk-core-sounds-en-wav    prompts that a person spoke for a telephone exchange: the ten digits, to test on
# Usage: samples/speech/fetch.sh [FOLDER]      (default speech-data; 100 MB)
set -eu
folder=${1:-speech-data}
mkdir -p "$folder/packages" "$folder/espeak"
cd "$folder"

sums='2be3ea287d83299d143815fa804f11179a75b7affd4a758b98b55f5afc18a35d  asterisk-core-sounds-en-wav_1.6.1-1_all.deb
573f5661c6a5adcf949018baad158c4c773bf5579390ee5235a890f1cd694106  espeak-ng-data_1.51+dfsg-10+deb12u2_amd64.deb
a11396a690f85f55e6e6b2965505237ddf3dc95c51936aa61de936f1ccf8f4d0  espeak-ng_1.51+dfsg-10+deb12u2_amd64.deb
2b127a95b50d92cbd7a615968d2ac1566e1cbc87e27bcda0c2894afb2407c6d2  libespeak-ng1_1.51+dfsg-10+deb12u2_amd64.deb
5309759e4d129c7d9a601240cc6e62820ecfa86a1a98e207992ffa6a572dbcd2  libpcaudio0_1.2-2_amd64.deb
9d60de6918ace0b10e3e4e95421befd08aaf03b5b2a3d71ceb799e0cf259916f  libsonic0_0.2.0-12_amd64.deb'

cd packages
echo "$sums" | sha256sum --check --status 2>/dev/null ||
    apt-get download asterisk-core-sounds-en-wav espeak-ng espeak-ng-data libespeak-ng1 libpcaudio0 libsonic0
echo "$sums" | sha256sum --check --quiet || {
    echo "fetch.sh: the packages are not those this script knows (Debian 12, amd64): see the lines above" >&2
    exit 1
}
for package in *.deb; do dpkg-deb --extract "$package" ../unpacked; done
cd ..

library=$PWD/unpacked/usr/lib/x86_64-linux-gnu
for accent in en-us en-gb; do
    for voice in m1 m2 m3 m4 m5 m7 f1 f2 f3 f4 f5 croak; do
        for speed in 130 165 200; do
            digit=0
            for word in zero one two three four five six seven eight nine; do
                LD_LIBRARY_PATH=$library unpacked/usr/bin/espeak-ng --path="$library" -v "$accent+$voice" -s $speed \
                    -w "espeak/${digit}_$accent-${voice}_$speed.wav" $word
                digit=$((digit + 1))
            done
        done
    done
done

person=unpacked/usr/share/asterisk/sounds/en_US_f_Allison/digits
{
    echo path,label,split
    for digit in 0 1 2 3 4 5 6 7 8 9; do echo "$person/$digit.wav,$digit,test"; done
} > person.csv
echo "$(ls espeak | wc -l) recordings in $folder/espeak, 10 listed in $folder/person.csv"
