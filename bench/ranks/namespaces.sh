#!/usr/bin/env bash
# Runs bench/ranks between two ranks in network namespaces that are joined by a wire of some speed; needs root, ip, tc, and an MPI of Debian.
#   bench/ranks/namespaces.sh [openmpi|mpich] [megabytes…]           times sums of gradients beside the time of the wire
#   bench/ranks/namespaces.sh openmpi|mpich step HIDDEN…             the model of costs beside steps
#   GIGABITS=0.2 bench/ranks/namespaces.sh …                         another wire than 1 Gbit/s
set -euo pipefail
mpi=${1:-openmpi}; shift || true
gigabits=${GIGABITS:-1}
# What passes at once after a pause: steps pause while they compute, and a large burst would hide a part of their wire; a small one costs a tenth.
if [ "${1:-}" = step ]; then work=("$@") burst=64; else work=(sum "$gigabits" "$@") burst=256; [ $# -gt 0 ] || work+=(0.5 4 34); fi
burst=$(awk "BEGIN { printf \"%d\", $burst * $gigabits + 3 }")
here=$(cd "$(dirname "$0")/../.." && pwd)
program=$here/artifacts/bin/Unroll.RankTimes/release/Unroll.RankTimes.dll
[ -f "$program" ] || dotnet build "$here/bench/ranks" -c Release -v q --nologo
folder=$(mktemp -d)
clean() { for n in a b; do ip netns del "unroll-$n" 2>/dev/null || true; done; rm -rf "$folder"; }
trap clean EXIT

ip netns add unroll-a; ip netns add unroll-b
ip link add veth-a netns unroll-a type veth peer name veth-b netns unroll-b
for n in a:1 b:2; do
  name=${n%:*}
  ip -n "unroll-$name" addr add "10.77.0.${n#*:}/24" dev "veth-$name"
  ip -n "unroll-$name" link set lo up; ip -n "unroll-$name" link set "veth-$name" up
  ip netns exec "unroll-$name" tc qdisc add dev "veth-$name" root tbf latency 50ms \
    rate "$(awk "BEGIN { print 1000 * $gigabits }")mbit" burst "${burst}kb"
done
sleep 1                                                                  # until both ends of the wire are up

# What the launchers take for ssh: runs a command in the namespace of that address, on a machine of its own name.
cat >"$folder/shell" <<'SHELL'
#!/usr/bin/env bash
while [[ $1 == -* ]]; do shift; done
[ "$1" = 10.77.0.1 ] && name=a || name=b; shift
exec ip netns exec "unroll-$name" unshare --uts sh -c "hostname unroll-$name; $*"
SHELL
chmod +x "$folder/shell"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
case $mpi in
  # Each namespace would take the first core for its own.
  openmpi) launch=(mpirun.openmpi --bind-to none --mca plm_rsh_agent "$folder/shell" --mca pml ob1 --mca btl tcp,self
    --mca btl_tcp_if_include 10.77.0.0/24 --mca oob_tcp_if_include 10.77.0.0/24 --host 10.77.0.1:1,10.77.0.2:1) ;;
  mpich) launch=(mpirun.mpich -launcher ssh -launcher-exec "$folder/shell" -iface veth-a -hosts 10.77.0.1,10.77.0.2 -genv UCX_TLS tcp,self
    -genv UCX_NET_DEVICES veth-a,veth-b -genv UCX_LOG_LEVEL error) ;;
  *) echo "openmpi or mpich, not '$mpi'" >&2; exit 2 ;;
esac
# shellcheck disable=SC2086
ip netns exec unroll-a unshare --uts sh -c 'hostname unroll-a; exec "$@"' sh "${launch[@]}" ${LAUNCH:-} -n 2 dotnet exec "$program" "${work[@]}"
