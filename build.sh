#!/usr/bin/env bash
# Publishes each function as a Native AOT binary, DIR/<Function>/bootstrap, together with the root certificates that it trusts,
# DIR/<Function>/amazon-roots.pem, and the native libraries that it loads from its own folder.
# src/Directory.Build.props sets the compiler options. This script adds only those that depend on the architecture.
set -euo pipefail

readonly lambda_glibc=2.34
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly root
functions=("$root"/src/*/Program.cs)
functions=("${functions[@]%/Program.cs}")
functions=("${functions[@]##*/}")
readonly functions
usage="usage: ./build.sh [$(IFS='|' && echo "${functions[*]}")|all] [--arch x86_64|arm64] [--output DIR]"
readonly usage

die() {
    echo "$*" >&2
    exit 1
}

case $(uname -m) in
    x86_64 | amd64) host_arch=x86_64 ;;
    aarch64 | arm64) host_arch=arm64 ;;
    *) die "build.sh: cannot build on $(uname -m). Use an x86_64 or arm64 machine." ;;
esac

function=
arch=$host_arch
output=
while [ $# -gt 0 ]; do
    case $1 in
        --arch) [ $# -gt 1 ] || die "$usage" && arch=$2 && shift ;;
        --output) [ $# -gt 1 ] || die "$usage" && output=$2 && shift ;;
        *)
            [ -z "$function" ] && [[ " ${functions[*]} all " == *" $1 "* ]] || die "$usage"
            function=$1
            ;;
    esac
    shift
done
function=${function:-all}

# The offset and the value of the byte that identifies the processor in the executable's header.
case $(uname -s)-$arch in
    Linux-x86_64) rid=linux-x64 machine_offset=18 machine=3e triple=x86_64-linux-gnu ;;
    Linux-arm64) rid=linux-arm64 machine_offset=18 machine=b7 triple=aarch64-linux-gnu ;;
    Darwin-x86_64) rid=osx-x64 machine_offset=4 machine=07 ;;
    Darwin-arm64) rid=osx-arm64 machine_offset=4 machine=0c ;;
    *-x86_64 | *-arm64) die "build.sh: cannot build on $(uname -s). Use Linux, macOS or a Linux container." ;;
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

# Whether the binary of function $1 is newer than all of its inputs. find includes folders, because deleting a file changes
# only its folder's time.
is_current() {
    local bootstrap=$output/$1/bootstrap
    [ -x "$bootstrap" ] && [ -e "$output/$1/amazon-roots.pem" ] &&
        [ "$(od -An -tx1 -j$machine_offset -N1 "$bootstrap" | tr -d ' ')" = $machine ] &&
        [ -z "$(find "$root/src/Shared" "$root/src/$1" "$root/src/Directory.Build.props" "$root"/src/*.xml \
            "$root/Directory.Build.props" "$root/Directory.Packages.props" "$root/global.json" "$root/build.sh" \
            "$root/certs/amazon-roots.pem" -newer "$bootstrap")" ]
}

# Deletes the outdated binaries if they cannot be rebuilt, so that they cannot be deployed.
check_prerequisites() {
    "$root/local/check-prerequisites.sh" "${prerequisites[@]}" || {
        rm -rf "${@/#/$output/}"
        exit 1
    }
}

if [ "$function" = all ]; then
    stale=()
    for one in "${functions[@]}"; do
        is_current "$one" || stale+=("$one")
    done
    if [ ${#stale[@]} -gt 0 ]; then
        check_prerequisites "${stale[@]}"
    fi
    # The compiler uses only one core for half of its time. Two parallel builds took 20 % less time than sequential ones.
    printf '%s\n' "${functions[@]}" |
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
readonly publish=$work/publish
readonly log=$work/publish.log
readonly stage=$output/.$function.$$
mkdir -p "$work"

# SAM can run two builds of one function in parallel. The compiler servers outlive this script, so they must not inherit the
# lock.
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
(while sleep 15 >/dev/null 2>&1; do echo "$function: compiling, $SECONDS s"; done) 9>&- &
readonly progress=$!
trap 'kill $progress 2>/dev/null || true; rm -rf "$stage"' EXIT
: >"$log"
mkdir -p "$stage"
rm -rf "$publish"
# A source file that is saved during the build is newer than the result.
touch "$stage/bootstrap"
# make lint runs the analyzers, which change no binary.
if ! (cd "$root" && dotnet publish "src/$function/$function.csproj" -c Release -r $rid --artifacts-path "$work" \
    -o "$publish" -p:RunAnalyzers=false ${architecture_flags[@]+"${architecture_flags[@]}"}) </dev/null >"$log" 2>&1 9>&-; then
    cat "$log" >&2
    fail "the build failed after $SECONDS s. The compiler's output is above and in $log. Fix the errors and run the command again."
fi
readonly binary=$publish/$function
libraries=()
for library in "$publish"/*.so "$publish"/*.so.* "$publish"/*.dylib; do
    [ ! -e "$library" ] || libraries+=("$library")
done

if [ "${rid%-*}" = linux ]; then
    for file in "$binary" ${libraries[@]+"${libraries[@]}"}; do
        symbols=$(objdump -T "$file" 2>>"$log" | sed -n 's/.*[ (]GLIBC_\([0-9.]*\))\{0,1\}  *\([^ ]*\)$/\1 \2/p') || true
        [ -n "$symbols" ] || fail "objdump cannot list the symbols that $file needs. See its error in $log."
        newest=$(echo "$symbols" | sort -V | tail -n 1)
        if [ "$(printf '%s\n' $lambda_glibc "${newest% *}" | sort -V | tail -n 1)" != $lambda_glibc ]; then
            advice="Build on Debian 12 or Amazon Linux 2023, or in a container of one of them."
            [ "$file" = "$binary" ] || advice="Use another version of its package in Directory.Packages.props."
            fail "$(basename "$file") needs ${newest#* } from glibc ${newest% *}, but Amazon Linux 2023 on Lambda has glibc $lambda_glibc. $advice"
        fi
    done
fi

started=$stage/bootstrap
cp "$binary" "$stage/binary"
touch -r "$started" "$stage/binary"
chmod 755 "$stage/binary"
mv -f "$stage/binary" "$started"
cp "$root/certs/amazon-roots.pem" "$stage/amazon-roots.pem"
chmod 644 "$stage/amazon-roots.pem"
for library in ${libraries[@]+"${libraries[@]}"}; do
    cp "$library" "$stage/"
    chmod 644 "$stage/$(basename "$library")"
done
rm -rf "$final"
mv "$stage" "$final"
size=$(wc -c <"$final/bootstrap")
echo "$function: built in $SECONDS s, $((size / 1000000)).$((size / 100000 % 10)) MB, $final/bootstrap"
