#!/bin/sh
# Brings the six novels of Jane Austen (public domain) as one text, austen.txt, in this folder.
# They come in the Debian package r-cran-janeaustenr (MIT; texts of Project Gutenberg), with Debian's own tools: apt-get, dpkg-deb; and python3.
set -eu
cd "$(dirname "$0")"
package=r-cran-janeaustenr_1.0.0-1_all.deb
package_sha256=df6bddf211906d1ff404f8ff662c21b34e6660e7f54a311084e749050c019c95
text_sha256=4f7e2dfe31810b8295eff20537958a22a036335abb85a7ec390f1169bfb0c137

[ -f "$package" ] || apt-get download r-cran-janeaustenr=1.0.0-1
echo "$package_sha256  $package" | sha256sum --check --quiet
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
dpkg-deb -x "$package" "$folder"
python3 unpack.py "$folder/usr/lib/R/site-library/janeaustenr/data/Rdata.rdb" > austen.txt.part
echo "$text_sha256  austen.txt.part" | sha256sum --check --quiet
mv austen.txt.part austen.txt
wc -lc austen.txt
