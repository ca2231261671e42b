#!/usr/bin/env bash
# Publishes the functions as Native AOT binaries: DIR/<Function>/bootstrap, each in a folder of its own, beside the roots it
# trusts, amazon-roots.pem.
# The flags that shape a binary stand in src/Directory.Build.props; here stand only those the architecture forces.
set -euo pipefail

readonly usage='usage: ./build.sh [ListPhotos|WritePhoto|DeletePhoto|all] [--arch x86_64|arm64] [--output DIR]'
readonly lambda_glibc=2.34
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly root

die() {
    echo "$*" >&2
    exit 1
}

case $(uname -m) in
    x86_64 | amd64) host_arch=x86_64 ;;
    aarch64 | arm64) host_arch=arm64 ;;
    *) die "build.sh: the functions run on x86_64 and arm64, and this machine is $(uname -m). Build on one of those." ;;
esac

function=
arch=$host_arch
output=
while [ $# -gt 0 ]; do
    case $1 in
        ListPhotos | WritePhoto | DeletePhoto | all) [ -z "$function" ] || die "$usage" && function=$1 ;;
        --arch) [ $# -gt 1 ] || die "$usage" && arch=$2 && shift ;;
        --output) [ $# -gt 1 ] || die "$usage" && output=$2 && shift ;;
        *) die "$usage" ;;
    esac
    shift
done
function=${function:-all}

# Where an executable of this kind says which processor it is for, and how.
case $(uname -s)-$arch in
    Linux-x86_64) rid=linux-x64 machine_offset=18 machine=3e triple=x86_64-linux-gnu ;;
    Linux-arm64) rid=linux-arm64 machine_offset=18 machine=b7 triple=aarch64-linux-gnu ;;
    Darwin-x86_64) rid=osx-x64 machine_offset=4 machine=07 ;;
    Darwin-arm64) rid=osx-arm64 machine_offset=4 machine=0c ;;
    *-x86_64 | *-arm64) die "build.sh: builds on Linux and macOS, not on $(uname -s). Use a Linux container." ;;
    *) die "$usage" ;;
esac

prerequisites=(dotnet linker objdump)
architecture_flags=()
if [ "${rid%-*}" = linux ] && [ "$arch" != "$host_arch" ]; then
    prerequisites+=("cross-$arch")
    architecture_flags=(-p:CppCompilerAndLinker=clang -p:LinkerFlavor=lld "-p:ObjCopyName=$triple-objcopy")
fi

output=${output:-$root/artifacts/functions/$arch}
mkdir -p "$output"
output=$(cd "$output" && pwd)

# What goes into the function $1; a folder counts too, since its time is all that a deleted file leaves.
is_current() {
    local bootstrap=$output/$1/bootstrap
    [ -x "$bootstrap" ] && [ -e "$output/$1/amazon-roots.pem" ] &&
        [ "$(od -An -tx1 -j$machine_offset -N1 "$bootstrap" | tr -d ' ')" = $machine ] &&
        [ -z "$(find "$root/src/Shared" "$root/src/$1" "$root/src/Directory.Build.props" \
            "$root/Directory.Build.props" "$root/Directory.Packages.props" "$root/global.json" "$root/build.sh" \
            "$root/certs/amazon-roots.pem" -newer "$bootstrap")" ]
}

# What is out of date and cannot be built again must not stay to be deployed.
check_prerequisites() {
    "$root/local/check-prerequisites.sh" "${prerequisites[@]}" || {
        rm -rf "${@/#/$output/}"
        exit 1
    }
}

if [ "$function" = all ]; then
    stale=()
    for one in ListPhotos WritePhoto DeletePhoto; do
        is_current $one || stale+=("$one")
    done
    if [ ${#stale[@]} -gt 0 ]; then
        check_prerequisites "${stale[@]}"
    fi
    # The compiler uses one core for half of its time: two at once took a fifth less than one after another.
    printf '%s\n' ListPhotos WritePhoto DeletePhoto |
        xargs -n 1 -P 2 "$root/build.sh" --arch "$arch" --output "$output" || exit 1
    exit 0
fi

readonly final=$output/$function
say_current() {
    echo "$function: up to date, $final/bootstrap"
    exit 0
}
if is_current "$function"; then
    say_current
fi

readonly work=$root/artifacts/build/$arch/$function
readonly log=$work/publish.log
readonly stage=$output/.$function.$$
mkdir -p "$work"

# SAM may build one function twice at once. The compiler's servers outlive it, so they must not inherit the lock.
exec 9>"$work/lock"
if command -v flock >/dev/null; then
    flock 9
else
    perl -e 'open my $lock, ">&=", 9 or die $!; flock $lock, 2 or die $!'
fi
if is_current "$function"; then
    say_current
fi
check_prerequisites "$function"

trap 'rm -rf "$stage"' EXIT
fail() {
    rm -rf "$final"
    die "$function: $*"
}

echo "$function: building for $arch"
SECONDS=0
: >"$log"
mkdir -p "$stage"
# A source saved from here on is newer than the result.
touch "$stage/bootstrap"
if ! (cd "$root" && dotnet publish "src/$function/$function.csproj" -c Release -r $rid --artifacts-path "$work" \
    -o "$work/publish" ${architecture_flags[@]+"${architecture_flags[@]}"}) </dev/null >"$log" 2>&1 9>&-; then
    cat "$log" >&2
    fail "not built, after $SECONDS s. The compiler's output stands above and in $log"
fi
readonly binary=$work/publish/$function

if [ "${rid%-*}" = linux ]; then
    symbols=$(objdump -T "$binary" 2>>"$log" | sed -n 's/.*[ (]GLIBC_\([0-9.]*\))\{0,1\}  *\([^ ]*\)$/\1 \2/p') || true
    [ -n "$symbols" ] || fail "objdump cannot tell which symbols $binary needs; see $log"
    newest=$(echo "$symbols" | sort -V | tail -n 1)
    if [ "$(printf '%s\n' $lambda_glibc "${newest% *}" | sort -V | tail -n 1)" != $lambda_glibc ]; then
        fail "the binary needs ${newest#* } of glibc ${newest% *}, and Lambda's Amazon Linux 2023 has glibc" \
            "$lambda_glibc. Build on Debian 12 or Amazon Linux 2023, or in a container of either."
    fi
fi

started=$stage/bootstrap
cp "$binary" "$stage/binary"
touch -r "$started" "$stage/binary"
chmod 755 "$stage/binary"
mv -f "$stage/binary" "$started"
cp "$root/certs/amazon-roots.pem" "$stage/amazon-roots.pem"
chmod 644 "$stage/amazon-roots.pem"
rm -rf "$final"
mv "$stage" "$final"
size=$(wc -c <"$final/bootstrap")
echo "$function: built in $SECONDS s, $((size / 1000000)).$((size / 100000 % 10)) MB, $final/bootstrap"
