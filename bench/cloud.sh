#!/usr/bin/env bash
# Measures the cold starts of a deployed stack. For each function, it publishes a version that differs in one variable, so that
# Lambda must start it anew, and points the API's alias at it. Then it sends an authenticated request that starts the function
# and a second one that finds it warm. Finally, it prints a table from Lambda's logs.
# Use a stage without other users: every change ends the functions' warm processes.
set -euo pipefail

readonly usage='usage: TOKEN=<ID token> bench/cloud.sh --stack NAME [--region REGION] [--runs N] [--memory MB,MB,...] [--dry-run]

  --stack    the name of the deployed stack
  --region   its Region; default: the Region of the AWS CLI
  --runs     cold starts per function and memory size; default: 20
  --memory   memory sizes in MB, 128 to 10240; default: the current size of each function
  --dry-run  print the commands without running them

TOKEN is the ID token of a user of the stack, from your app. It is valid for an hour; 20 runs of one memory size take about
five minutes. Without an app, create a temporary client of the user pool, sign in, and delete the client afterwards:

  aws cognito-idp create-user-pool-client --user-pool-id POOL --client-name bench \
    --explicit-auth-flows ALLOW_ADMIN_USER_PASSWORD_AUTH
  aws cognito-idp admin-initiate-auth --user-pool-id POOL --client-id CLIENT --auth-flow ADMIN_USER_PASSWORD_AUTH \
    --auth-parameters USERNAME=...,PASSWORD=... --query AuthenticationResult.IdToken --output text

The data of the user does not change. ListPhotos lists photos. WritePhoto and DeletePhoto look for a photo that does not exist.
SweepPhoto, for which no client waits, is not measured. At the end, the script restores the alias live and the configuration,
and deletes the versions that it published. Do not deploy the stack during the measurement.'

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
        *) die "unknown option $1; see --help" ;;
    esac
    case $1 in
        --stack) stack=$2 ;;
        --region) region=(--region "$2") ;;
        --runs) runs=$2 ;;
        --memory) memory=$2 ;;
    esac
    shift 2
done
[ -n "$stack" ] || die "--stack is required; find the name with aws cloudformation list-stacks"
[[ $runs =~ ^[1-9][0-9]{0,3}$ ]] || die "--runs must be a whole number from 1 to 9999"
[[ $memory =~ ^([1-9][0-9]{2,4}(,[1-9][0-9]{2,4})*)?$ ]] || die "--memory must be a comma-separated list of sizes in MB, such as 256,512,1024"
IFS=, read -ra sizes <<<"${memory:-unchanged}"

# Prints a command in a form that a shell accepts.
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

# Runs a command of the AWS CLI. A dry run prints the command, and $placeholder instead of the output.
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

# Sends a request and expects the status $1: request STATUS METHOD PATH [BODY]
request() {
    local status command=(curl -sS -o /dev/null -w '%{http_code}' --max-time 30 -X "$2" -H @- "$api$3")
    [ $# -lt 4 ] || command+=(-H 'Content-Type: application/json' -d "$4")
    if [ -n "$dry_run" ]; then
        # shellcheck disable=SC2016 # Prints the name of the variable, not the token.
        input=' <<<"Authorization: $TOKEN"' show "${command[@]}"
        return
    fi
    # The token goes to standard input, because other users of the machine can read a command line.
    status=$("${command[@]}" <<<"Authorization: $TOKEN") || die "$2 $api$3 got no response; see the error of curl above"
    case $status in
        "$1") ;;
        401) die "the API rejects TOKEN (401). Get a new ID token from this stack's user pool; a token is valid for an hour." ;;
        *) die "$2 $3 got status $status instead of $1. See the function's log." ;;
    esac
}

invoke() {
    case ${functions[$1]} in
        ListPhotos) request 200 GET '/photos?limit=20' ;;
        WritePhoto) request 410 POST /photos "{\"id\":\"$photo\",\"name\":\"bench.jpg\"}" ;;
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

# Points the alias of the function at index $1 at version $2.
go_live() {
    placeholder='' cloud lambda update-alias --function-name "${name[$1]}" --name $alias --function-version "$2" \
        --query FunctionVersion --output text >/dev/null
}

# Publishes the current configuration of the function at index $1, and points the alias at this version.
publish() {
    local version
    version=$(placeholder=VERSION cloud lambda publish-version --function-name "${name[$1]}" --query Version --output text)
    # If nothing has changed, Lambda returns the latest version, which this script must not delete.
    [ "$version" = "${own_version[$1]}" ] || published[$1]="${published[$1]:-} $version"
    placeholder='' cloud lambda wait published-version-active --function-name "${name[$1]}" --qualifier "$version" >/dev/null
    go_live "$1" "$version"
}

# Indexed like functions, because bash on macOS does not have associative arrays.
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
                echo "bench/cloud.sh: ${name[$i]} could not be restored. Point its alias $alias at version ${own_version[$i]}" \
                    "and delete the versions${published[$i]:-}." >&2
                status=1
                published[i]=
            fi
            # Lambda rejects a change while another is in progress.
            if ! { wait_for "$i" && configure "$i" "$work/$i.json" unchanged; }; then
                echo "bench/cloud.sh: ${name[$i]} could not be restored. Set its memory to ${own_size[$i]} MB and delete" \
                    "its variable PHOTOS_BENCH." >&2
                status=1
            fi
            for version in ${published[$i]:-}; do
                if ! placeholder='' cloud lambda delete-function --function-name "${name[$i]}" --qualifier "$version"; then
                    echo "bench/cloud.sh: version $version of ${name[$i]} could not be deleted. Delete it." >&2
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
        command -v "$tool" >/dev/null || die "$tool is not installed. Install it, then try again."
    done
    [ -n "${TOKEN:-}" ] || die "TOKEN must be the ID token of a user; see --help for how to get one"
    work=$(mktemp -d)
fi
trap restore EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

api=$(placeholder=API_URL cloud cloudformation describe-stacks --stack-name "$stack" \
    --query "Stacks[0].Outputs[?OutputKey=='ApiUrl'].OutputValue" --output text)
[ -n "$api" ] || die "the stack $stack has no output ApiUrl. Give --stack a stack that was deployed from this template."
for i in "${!functions[@]}"; do
    name[i]=$(placeholder=$stack-${functions[$i]} cloud cloudformation describe-stack-resource --stack-name "$stack" \
        --logical-resource-id "${functions[$i]}" --query StackResourceDetail.PhysicalResourceId --output text)
    configuration=$(placeholder="MEMORY /aws/lambda/${name[$i]}" cloud lambda get-function-configuration \
        --function-name "${name[$i]}" --query '[MemorySize,LoggingConfig.LogGroup]' --output text)
    read -r "own_size[$i]" "log_group[$i]" <<<"$configuration"
    current=$(placeholder='LIVE_VERSION 0' cloud lambda get-alias --function-name "${name[$i]}" --name $alias --output text \
        --query '[FunctionVersion, length(keys(not_null(RoutingConfig.AdditionalVersionWeights, `{}`)))]') ||
        die "${functions[$i]} has no alias $alias, which the API calls. Deploy the current template first."
    read -r "own_version[$i]" weights <<<"$current"
    [ "$weights" = 0 ] || die "a deployment of ${functions[$i]} is in progress. Try again when $alias points at a single version."
    environment=$(placeholder='' cloud lambda get-function-configuration --function-name "${name[$i]}" \
        --query Environment --output json)
    [ -n "$dry_run" ] || printf '%s\n' "$environment" >"$work/$i.json"
done

# Each run has one cold start of each kind, so that a slow period affects all kinds alike.
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
    # CloudWatch shows a line some seconds after the function wrote it, and rarely after more than a minute.
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
