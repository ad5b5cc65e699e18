#!/usr/bin/env bash
# Kills a server under load with SIGKILL, and stops one with SIGTERM, again and again: what was said to be durable has to be there, and every session has
# to go on to the bits of an undisturbed one.
#   tools/kill-serving.sh [kills]
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build tests/Unroll.Serving.Tests -c Release --nologo -v q
UNROLL_SERVING_KILLS=${1:-100} dotnet exec artifacts/bin/Unroll.Serving.Tests/release/Unroll.Serving.Tests.dll -noLogo -class "*KillTests"
