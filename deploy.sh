#!/usr/bin/env bash
# Builds and deploys a stage with the SAM CLI, for the architecture that samconfig.toml sets for it. Deploys nothing if a binary
# is for another one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly usage="usage: ./deploy.sh STAGE [SAM DEPLOY OPTION...]
       ./deploy.sh --architecture [BUILD.TOML]    prints what sam build must build for"

die() {
    echo "$*" >&2
    exit 1
}

# The different values of Architecture in samconfig.toml, for stage $1 or for all.
architectures() {
    awk -v stage="${1-}" '
        /^\[/ { inside = /\.deploy\.parameters\]/ && (stage == "" || index($0, "[" stage ".") == 1) }
        inside && match($0, /"Architecture=[a-z0-9_]+"/) { print substr($0, RSTART + 14, RLENGTH - 15) }' samconfig.toml | sort -u
}

case ${1-} in
    --architecture)
        arch=${SAM_ARCH:-$(architectures)}
        [ "$(wc -w <<<"$arch")" -eq 1 ] || die "samconfig.toml does not set one Architecture for all stages, so sam build" \
            "cannot know which one to build. Use make deploy STAGE=prod, or set SAM_ARCH for sam build."
        # SAM writes the value that it uses before it calls make. It is the template's default unless it was given to sam build, which
        # SAM_ARCH requires for another one: otherwise, an exported SAM_ARCH would change what the next deployment ships.
        default=$(sed -n '/^  Architecture:/,/^    Default:/s/^    Default: //p' template.yaml)
        for given in $([ ! -e "${2-}" ] || sed -n 's/^architecture = "\(.*\)"$/\1/p' "$2" | sort -u); do
            [ "$given" != "$arch" ] || continue
            [ -z "${SAM_ARCH-}" ] || die "sam build is for Architecture=$given, but SAM_ARCH=$arch is set. To deploy, unset SAM_ARCH." \
                "For sam local, add --parameter-overrides Architecture=$arch to sam build."
            [ "$given" = "$default" ] || die "sam build was given Architecture=$given, but this build is" \
                "for $arch. Set Architecture in samconfig.toml instead. Only for sam local, set SAM_ARCH=$given."
        done
        echo "$arch"
        exit 0
        ;;
    '' | -*) die "$usage" ;;
esac

readonly stage=$1
shift
[[ " $* " != *Architecture=* ]] || die "Set Architecture in samconfig.toml, which also selects what is built."
arch=$(architectures "$stage")
readonly arch
case $arch in
    x86_64) machine=3e ;;
    arm64) machine=b7 ;;
    *) die "samconfig.toml does not set Architecture to arm64 or x86_64 in [$stage.deploy.parameters]. Add it to parameter_overrides." ;;
esac

SAM_ARCH=$arch sam build --parameter-overrides "Architecture=$arch"
for program in src/*/Program.cs; do
    function=$(basename "$(dirname "$program")")
    bootstrap=.aws-sam/build/$function/bootstrap
    [ -e "$bootstrap" ] || die "sam build did not create $bootstrap. See its output above."
    # The byte at offset 18 of an ELF header identifies the processor.
    [ "$(od -An -tx1 -j18 -N1 "$bootstrap" | tr -d ' ')" = $machine ] ||
        die "$bootstrap is not a binary for $arch, which samconfig.toml sets for $stage. Nothing was deployed." \
            "Delete .aws-sam and run the command again."
done
exec sam deploy --config-env "$stage" "$@"
