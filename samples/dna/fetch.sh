#!/bin/sh
# Brings windows around ATG codons of an annotated genome, starts.csv, by Debian's own tools, without installing anything: apt-get, dpkg-deb, gzip, awk.
# The genome is that of Chlamydia trachomatis D/UW-3/CX (Stephens et al. 1998, GenBank AE001273), in the Debian package r-cran-seqinr (GPL-2+).
# Usage: samples/dna/fetch.sh [FOLDER]      (default dna-data; 4 MB)
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
folder=${1:-dna-data}
package=r-cran-seqinr_4.2-23-1_amd64.deb

check() { # SHA256 FILE
    echo "$1  $2" | sha256sum --check --status || { echo "fetch.sh: $2 is not what this script knows: expected SHA-256 $1" >&2; exit 1; }
}

mkdir -p "$folder" && cd "$folder"
[ -f $package ] || apt-get download r-cran-seqinr=4.2-23-1
check 62aca5d68b8b41182ed2300fee62d62a190b41356723fab5d4506293877d4d9d $package
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
dpkg-deb --extract $package "$temporary"
gzip -dc "$temporary/usr/lib/R/site-library/seqinr/sequences/ct.gbk.gz" | LC_ALL=C awk -f "$here/starts.awk" > "$temporary/starts.csv"
check b9301aafa80cc5713087eea4fd771ecfb10f3c69069cc06c0e2380118b8b9a8b "$temporary/starts.csv"
mv "$temporary/starts.csv" starts.csv
echo "$folder/starts.csv: $(($(wc -l < starts.csv) - 1)) windows"
