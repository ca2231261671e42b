#!/usr/bin/env bash
# Measures the cold starts of a deployed stack: publishes a version of each function that differs in a variable, which
# Lambda must start anew, points the alias that the API calls at it, sends a signed-in request to start it and a second one
# that finds it warm, and makes a table of what Lambda logged.
# Use a stage that nobody else does meanwhile: every change ends the functions' warm processes.
set -euo pipefail

readonly usage='usage: TOKEN=<ID token> bench/cloud.sh --stack NAME [--region REGION] [--runs N] [--memory MB,MB,...] [--dry-run]

  --stack    the name of the deployed stack
  --region   its region; by default the one the AWS CLI is set to
  --runs     cold starts per function and memory size; 20 by default
  --memory   memory sizes in MB, 128 to 10240; by default the one each function has
  --dry-run  print the commands, run none

TOKEN is the ID token of a user of the stack, from your app. It lasts an hour, and 20 runs of one memory size take about
five minutes. Without an app, make a client of the user pool for yourself, sign in, and delete it afterwards:

  aws cognito-idp create-user-pool-client --user-pool-id POOL --client-name bench \
    --explicit-auth-flows ALLOW_ADMIN_USER_PASSWORD_AUTH
  aws cognito-idp admin-initiate-auth --user-pool-id POOL --client-id CLIENT --auth-flow ADMIN_USER_PASSWORD_AUTH \
    --auth-parameters USERNAME=...,PASSWORD=... --query AuthenticationResult.IdToken --output text

Nothing of the user changes: ListPhotos lists; WritePhoto and DeletePhoto look for a photo that does not exist, of which S3
keeps a delete marker until it expires. At the end the alias live is back at its version, the configuration is as it was, and
the versions that were published are deleted. Deploy nothing meanwhile.'

readonly functions=(ListPhotos WritePhoto DeletePhoto)
readonly alias=live
readonly photo=00000000-0000-7000-8000-000000000000
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here

die() {
    echo "bench/cloud.sh: $*" >&2
    exit 1
}

stack=
region=()
runs=20
memory=
dry_run=
while [ $# -gt 0 ]; do
    case $1 in
        --help) echo "$usage" && exit 0 ;;
        --dry-run) dry_run=yes && shift && continue ;;
        --stack | --region | --runs | --memory) [ -n "${2:-}" ] || die "$1 needs a value; see --help" ;;
        *) die "there is no option $1; see --help" ;;
    esac
    case $1 in
        --stack) stack=$2 ;;
        --region) region=(--region "$2") ;;
        --runs) runs=$2 ;;
        --memory) memory=$2 ;;
    esac
    shift 2
done
[ -n "$stack" ] || die "--stack is missing; sam list stack-outputs and aws cloudformation list-stacks know its name"
[[ $runs =~ ^[1-9][0-9]{0,3}$ ]] || die "--runs must be a whole number from 1 to 9999"
[[ $memory =~ ^([1-9][0-9]{2,4}(,[1-9][0-9]{2,4})*)?$ ]] || die "--memory must be sizes in MB with commas between, such as 256,512,1024"
IFS=, read -ra sizes <<<"${memory:-unchanged}"

# Prints a command as one could type it.
show() {
    local word line=
    for word in "$@"; do
        case $word in
            *[!A-Za-z0-9_./:=,@-]* | '') line+=" '${word//\'/\'\\\'\'}'" ;;
            *) line+=" $word" ;;
        esac
    done
    echo "${line# }${input:-}" >&3
}

# Runs a command of the AWS CLI; a dry run prints it, and $placeholder in place of its answer.
cloud() {
    local command=(aws ${region[@]+"${region[@]}"} "$@")
    if [ -n "$dry_run" ]; then
        show "${command[@]}"
        echo "${placeholder:-}"
    else
        "${command[@]}"
    fi
}
exec 3>&1

# Sends a request that must be answered with the status $1: request STATUS METHOD PATH [BODY]
request() {
    local status command=(curl -sS -o /dev/null -w '%{http_code}' --max-time 30 -X "$2" -H @- "$api$3")
    [ $# -lt 4 ] || command+=(-H 'Content-Type: application/json' -d "$4")
    if [ -n "$dry_run" ]; then
        # shellcheck disable=SC2016 # The token itself is nobody's to read.
        input=' <<<"Authorization: $TOKEN"' show "${command[@]}"
        return
    fi
    # By standard input, since other users of a machine can read a command line.
    status=$("${command[@]}" <<<"Authorization: $TOKEN") || die "$2 $api$3 was not answered; curl says why above"
    case $status in
        "$1") ;;
        401) die "the API refuses TOKEN (401). It must be an ID token of this stack's user pool, and lasts an hour: get a new one." ;;
        *) die "$2 $3 was answered with $status instead of $1. The function's log says why." ;;
    esac
}

invoke() {
    case ${functions[$1]} in
        ListPhotos) request 200 GET '/photos?limit=20' ;;
        WritePhoto) request 409 POST /photos "{\"id\":\"$photo\",\"name\":\"bench.jpg\"}" ;;
        DeletePhoto) request 404 DELETE "/photos/$photo" ;;
    esac
}

# Gives the function at index $1 the environment in file $2 and $3 MB of memory.
configure() {
    local size=$3
    [ "$size" != unchanged ] || size=${own_size[$1]}
    placeholder='' cloud lambda update-function-configuration --function-name "${name[$1]}" --memory-size "$size" \
        --environment "file://$2" --query LastUpdateStatus --output text >/dev/null
}

wait_for() {
    placeholder='' cloud lambda wait function-updated --function-name "${name[$1]}" >/dev/null
}

# Has the API call version $2 of the function at index $1.
go_live() {
    placeholder='' cloud lambda update-alias --function-name "${name[$1]}" --name $alias --function-version "$2" \
        --query FunctionVersion --output text >/dev/null
}

# Makes a version of the function at index $1 as it is configured now, and has the API call it.
publish() {
    local version
    version=$(placeholder=VERSION cloud lambda publish-version --function-name "${name[$1]}" --query Version --output text)
    # Lambda gives the last version again when nothing has changed since; that one is not this script's to delete.
    [ "$version" = "${own_version[$1]}" ] || published[$1]="${published[$1]:-} $version"
    placeholder='' cloud lambda wait published-version-active --function-name "${name[$1]}" --qualifier "$version" >/dev/null
    go_live "$1" "$version"
}

# By index in functions; bash on macOS has no other arrays.
name=()
log_group=()
own_size=()
own_version=()
published=()
changed=
work=/tmp/photos-bench
restore() {
    local status=$? i version
    trap - EXIT
    trap '' INT TERM
    if [ -n "$changed" ]; then
        for i in "${!functions[@]}"; do
            if ! go_live "$i" "${own_version[$i]}"; then
                echo "bench/cloud.sh: ${name[$i]} could not be restored: point its alias $alias at version ${own_version[$i]}" \
                    "and delete the versions${published[$i]:-}." >&2
                status=1
                published[i]=
            fi
            # Lambda refuses a change while another is under way.
            if ! { wait_for "$i" && configure "$i" "$work/$i.json" unchanged; }; then
                echo "bench/cloud.sh: ${name[$i]} could not be restored: set its memory to ${own_size[$i]} MB and delete" \
                    "its variable PHOTOS_BENCH." >&2
                status=1
            fi
            for version in ${published[$i]:-}; do
                if ! placeholder='' cloud lambda delete-function --function-name "${name[$i]}" --qualifier "$version"; then
                    echo "bench/cloud.sh: version $version of ${name[$i]} is left over: delete it." >&2
                    status=1
                fi
            done
        done
    fi
    [ -n "$dry_run" ] || rm -rf "$work"
    exit "$status"
}

if [ -z "$dry_run" ]; then
    for tool in aws curl awk sed; do
        command -v "$tool" >/dev/null || die "$tool is missing. Install it, then try again."
    done
    [ -n "${TOKEN:-}" ] || die "TOKEN must hold the ID token of a user; --help says how to get one"
    work=$(mktemp -d)
fi
trap restore EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

api=$(placeholder=API_URL cloud cloudformation describe-stacks --stack-name "$stack" \
    --query "Stacks[0].Outputs[?OutputKey=='ApiUrl'].OutputValue" --output text)
[ -n "$api" ] || die "the stack $stack has no output ApiUrl: it is not one of this template"
for i in "${!functions[@]}"; do
    name[i]=$(placeholder=$stack-${functions[$i]} cloud cloudformation describe-stack-resource --stack-name "$stack" \
        --logical-resource-id "${functions[$i]}" --query StackResourceDetail.PhysicalResourceId --output text)
    configuration=$(placeholder="MEMORY /aws/lambda/${name[$i]}" cloud lambda get-function-configuration \
        --function-name "${name[$i]}" --query '[MemorySize,LoggingConfig.LogGroup]' --output text)
    read -r "own_size[$i]" "log_group[$i]" <<<"$configuration"
    current=$(placeholder='LIVE_VERSION 0' cloud lambda get-alias --function-name "${name[$i]}" --name $alias --output text \
        --query '[FunctionVersion, length(keys(not_null(RoutingConfig.AdditionalVersionWeights, `{}`)))]') ||
        die "${functions[$i]} has no alias $alias, by which the API calls it: deploy this checkout's template first"
    read -r "own_version[$i]" weights <<<"$current"
    [ "$weights" = 0 ] || die "a deployment of ${functions[$i]} is under way: wait until $alias has one version again"
    environment=$(placeholder='' cloud lambda get-function-configuration --function-name "${name[$i]}" \
        --query Environment --output json)
    [ -n "$dry_run" ] || printf '%s\n' "$environment" >"$work/$i.json"
done

# One cold start of each kind in each run, so that a slow quarter of an hour hits all alike.
start=$(date +%s)000
changed=yes
for ((run = 1; run <= runs; run++)); do
    for size in "${sizes[@]}"; do
        [ -n "$dry_run" ] || echo "run $run of $runs, memory $size" >&2
        for i in "${!functions[@]}"; do
            [ -n "$dry_run" ] || sed "s/\"Variables\": *{/&\"PHOTOS_BENCH\": \"$run-$size\",/" "$work/$i.json" >"$work/changed.json"
            configure "$i" "$work/changed.json" "$size"
        done
        for i in "${!functions[@]}"; do
            wait_for "$i"
            publish "$i"
            invoke "$i"
            invoke "$i"
        done
    done
done

readonly expected=$((runs * ${#sizes[@]} * 2))
tables=()
for i in "${!functions[@]}"; do
    # CloudWatch shows a line some seconds after it was written; a minute is long.
    for attempt in {1..12}; do
        lines=$(placeholder='' cloud logs filter-log-events --log-group-name "${log_group[$i]}" --start-time "$start" \
            --filter-pattern '?"REPORT RequestId" ?"platform.report"' --query 'events[].[message]' --output text)
        found=$(grep -c -e '^REPORT RequestId' -e '"platform\.report"' <<<"$lines") || true
        if [ -n "$dry_run" ] || [ "$found" -ge "$expected" ] || [ "$attempt" -eq 12 ]; then
            break
        fi
        sleep 5
    done
    [ -n "$dry_run" ] || printf '%s\n' "$lines" >"$work/$i.log"
    tables+=("name=${functions[$i]}" "$work/$i.log")
done
if [ -n "$dry_run" ]; then
    show awk -f bench/report.awk "${tables[@]}"
else
    awk -f "$here/report.awk" "${tables[@]}"
fi
