#!/usr/bin/env bash
# The engine's bits on ARM64: the command line and the tests of the category Bits, compiled ahead of time for linux-arm64, run on this machine if
# it is one and under emulation (QEMU) if it is not. The default run must end with the weights of the run of this machine's own ./unroll.
#
#     tests/arm64.sh [--only TEXT] [--minutes NUMBER]
#
# --only takes the tests whose names contain TEXT, and leaves the default run out. What has not begun after NUMBER minutes (7) counts as skipped;
# the first case of every test comes first, then the second of every test, and so on.
#
# Needs artifacts/bin/Unroll.Tests/release (dotnet build -c Release), a cross compiler and an emulator (installed with apt where that can be done) and
# the packages of the runtime for ARM64. What is missing is named, and the part counts as skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_UI_LANGUAGE=en DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
home=$PWD/artifacts/native app=$PWD/artifacts/native/app tests=$PWD/artifacts/native/tests
mkdir -p "$home"

count() { echo "ARM64  Total: 1, Errors: 0, Failed: $1, Skipped: $2, Not Run: 0"; }
skip() { echo "ARM64 [SKIP] $1"; count 0 1; exit 0; }

if [ "$(uname -sm)" = "Linux aarch64" ]; then
  emulator=() cross=()
elif [ "$(uname -sm)" = "Linux x86_64" ]; then
  if ! command -v aarch64-linux-gnu-gcc >/dev/null || ! command -v qemu-aarch64-static >/dev/null; then
    packages=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static)
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || skip "needs ${packages[*]}"
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}"; } >"$home/apt.log" 2>&1 ||
      skip "apt-get could not install ${packages[*]}: $(tail -n 1 "$home/apt.log")"
  fi
  # The build passes clang's name of the target, which gcc for one target does not know.
  cat >"$home/cc" <<'END'
#!/bin/sh
for argument; do
  shift
  case $argument in --target=*) ;; *) set -- "$@" "$argument" ;; esac
done
exec aarch64-linux-gnu-gcc "$@"
END
  chmod +x "$home/cc"
  emulator=(qemu-aarch64-static -L /usr/aarch64-linux-gnu)
  cross=(-p:CppCompilerAndLinker="$home/cc" -p:ObjCopyName=aarch64-linux-gnu-objcopy -p:LinkerFlavor=bfd)
else
  skip "needs Linux on x64 or ARM64"
fi

list=artifacts/bin/Unroll.Tests/release/Unroll.Tests.dll
[ -f "$list" ] || { echo "error: $list is missing: dotnet build -c Release" >&2; exit 2; }
dotnet run tools/ListBitsTests.cs "$list" "$home/BitsTests.g.cs"
for project in src/Unroll.Cli tests/Unroll.Tests.Native; do
  dotnet restore "$project" -p:RuntimeIdentifier=linux-arm64 -p:Configuration=Release >"$home/restore.log" 2>&1 ||
    { if grep -q NU1301 "$home/restore.log"; then skip "no packages of the runtime for ARM64: $(grep -m 1 NU1301 "$home/restore.log")"; fi
      cat "$home/restore.log"; exit 1; }
done
publish() {
  dotnet publish "$1" -c Release -r linux-arm64 -o "$2" --no-restore --nologo -v q -p:RunAnalyzersDuringBuild=false \
    -p:StripSymbols=false "${cross[@]}"
}
publish src/Unroll.Cli "$app"
publish tests/Unroll.Tests.Native "$tests"

failed=0
runs=$(mktemp -d)
trap 'rm -rf "$runs"' EXIT
hash_of() { sed -n 's/^weights sha256: //p'; }
if [[ " $* " != *" --only "* ]]; then
  here=$(./unroll train forecast --epochs 2 --runs "$runs/here" | hash_of)
  there=$("${emulator[@]}" "$app/unroll" train forecast --epochs 2 --runs "$runs/there" | hash_of) || true
  if [ -n "$here" ] && [ "$here" = "$there" ]; then echo "train forecast on ARM64 ends with the same weights: $here"; count 0 0
  else echo "train forecast on ARM64 [FAIL] ends with ${there:-nothing}, here with ${here:-nothing}"; count 1 0; failed=1; fi
fi
# Which path it must find itself on, as for the other runs of the category; one process for each processor, and each takes its share of the tests.
export UNROLL_EXPECT_PATH=vector128
parts=$(nproc) pids=()
for ((part = 1; part <= parts; part++)); do
  "${emulator[@]}" "$tests/Unroll.Tests" "$@" --part "$part/$parts" --minutes 7 &
  pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
exit $failed
