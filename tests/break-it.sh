#!/usr/bin/env bash
# Breaks one list after another in a scratch copy of the repository, as a change that forgets it would, and checks that a test
# fails and names what is missing. Prints a line for each; the exit code is 1 when one of them is not named.
# usage: break-it.sh [TEXT]    only what has the text in its name, as "CORS"
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly only=${1:-}
readonly root=$PWD
readonly arch=$(uname -m | sed 's/amd64/x86_64/; s/aarch64/arm64/')
readonly built=${PHOTOS_FUNCTIONS:-$root/artifacts/functions/$arch}
scratch=$(mktemp -d)
readonly scratch
trap 'rm -rf "$scratch"' EXIT
readonly copy=$scratch/copy functions=$scratch/functions log=$scratch/log
readonly tests=Photos.Tests
status=0

# A line of the table: what is broken, the test that names it, the seconds.
print() {
    printf '%-44s %-92s %7s\n' "$@"
}

build() {
    dotnet build "$copy/tests/Tests.csproj" -c Release -v quiet -clp:NoSummary -nologo -p:RunAnalyzers=false >"$log" 2>&1 </dev/null
}

# Rebuilds nothing (-), the tests or a function.
rebuild() {
    case $1 in
        -) ;;
        tests) build ;;
        *) "$copy/build.sh" "$1" --output "$scratch/rebuilt" >"$log" 2>&1 </dev/null && ln -sfn "$scratch/rebuilt/$1" "$functions/$1" ;;
    esac
}

run() {
    local filters=() class
    for class in "$@"; do
        filters+=(-class "$tests.$class")
    done
    PHOTOS_FUNCTIONS=$functions dotnet "$copy/artifacts/bin/Tests/release/Tests.dll" -noLogo -noColor -failSkips "${filters[@]}" >"$log" 2>&1 </dev/null
}

# The first failed test whose message has the text $1.
named_by() {
    EXPECTED=$1 awk '
        / \[FAIL\]$/ { test = $1; sub(/\(.*/, "", test); sub(/^Photos\.Tests\./, "", test) }
        test != "" && index($0, ENVIRON["EXPECTED"]) && !/ \[FAIL\]$/ { print test; exit }' "$log"
}

failed() {
    print "$1" "NOT NAMED: $2" "$SECONDS"
    sed 's/^/    /' "$log" | head -n 40
    status=1
}

# break_it WHAT FILE PERL_EXPRESSION REBUILT CLASS EXPECTED: applies the expression to the file, rebuilds what must be, runs the
# class, and expects the text in the message of a failed test.
break_it() {
    local what=$1 file=$copy/$2 expression=$3 rebuilt=$4 class=$5 expected=$6 test
    [[ $what == *"$only"* ]] || return 0
    SECONDS=0
    : >"$log"
    cp "$file" "$scratch/original"
    perl -0pi -e "$expression" "$file"
    if cmp -s "$file" "$scratch/original"; then
        failed "$what" "$2 does not have what the script removes. Correct its expression in tests/break-it.sh."
        return
    fi
    if ! rebuild "$rebuilt"; then
        failed "$what" "$rebuilt does not compile."
    elif run "$class"; then
        failed "$what" "no test fails. Expected: $expected"
    else
        test=$(named_by "$expected")
        if [ -n "$test" ]; then
            print "$what" "$test" "$SECONDS"
        else
            failed "$what" "no failed test has the text: $expected"
        fi
    fi
    cp "$scratch/original" "$file"
    case $rebuilt in
        - | tests) ;;
        *) ln -sfn "$built/$rebuilt" "$functions/$rebuilt" ;;
    esac
}

SECONDS=0
mkdir -p "$copy" "$functions"
git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
    [ ! -e "$file" ] || printf '%s\0' "$file"
done | tar --null -T - -cf - | tar -xf - -C "$copy"
# What the engines need is installed once.
[ ! -d local/Engines/node_modules ] || cp -R local/Engines/node_modules "$copy/local/Engines/"
for function in "$built"/*/; do
    ln -s "${function%/}" "$functions/"
done
build || { cat "$log" >&2; exit 1; }

readonly routes=Routes.CoverageTests openapi=Template.OpenApi.ObservedApiTests
print broken 'named by' seconds
if run "$routes" Routes.RoleTests Routes.CorsTests Routes.WarmUpTests Routes.TimeoutTests "$openapi" Template.OpenApi.ApiDescriptionTests \
    Bench.MeasuredFunctionsTests; then
    print nothing "none of $(sed -n 's/.*Tests  Total: \([0-9]*\).*/\1/p' "$log") tests" "$SECONDS"
else
    failed nothing 'tests fail before anything is broken.'
    exit 1
fi

break_it "role: an action of ListPhotos" template.yaml 's/dynamodb:Query, //' - Routes.RoleTests \
    'the role of ListPhotos lacks dynamodb:Query'
break_it "role: an action that nothing needs" template.yaml 's/dynamodb:Query, /dynamodb:Query, dynamodb:Scan, /' - Routes.RoleTests \
    'the role of ListPhotos allows dynamodb:Scan'
break_it "role: an action of the previous release" template.yaml 's/Action: s3:PutObjectTagging/Action: s3:PutObject/' - Routes.RoleTests \
    'the role of WritePhoto lacks s3:PutObjectTagging'
break_it "CORS: a method" template.yaml 's/(AllowMethods: .*),DELETE/$1/' - Routes.CorsTests \
    'so browsers do not send DELETE /photos'
break_it "CORS: a header" template.yaml "s/('Authorization),Content-Type,/\$1,/" - Routes.CorsTests \
    'POST /photos needs Content-Type'
break_it "OpenAPI: a required field of a body" docs/openapi.yaml 's/(    UploadRequest:\n\s+type: object\n\s+required: \[name, contentType), size/$1/' - $openapi \
    'the body of POST /photos/uploads does not require size'
break_it "OpenAPI: a required property of a response" docs/openapi.yaml 's/, contentType, url, status\]/, contentType, status]/' - $openapi \
    'url is always there'
break_it "OpenAPI: a required parameter" docs/openapi.yaml 's/(name: id\n\s+in: query\n\s+required: )true/$1false/' - $openapi \
    'the query of DELETE /photos does not require id'
break_it "OpenAPI: null as a field" docs/openapi.yaml 's/type: \[string, "null"\]/type: string/' - $openapi \
    'null as name of POST /photos is not described'
break_it "template: a timeout" template.yaml 's/Timeout: 10\b/Timeout: 5/' - Routes.TimeoutTests \
    'the Timeout of ListPhotos is 5 s'
break_it "README: a row" README.md 's/\n\| `DELETE [^\n]*//' - $routes \
    'DELETE /photos/{id} is in 0 rows'
break_it "warm-up: a request of DeletePhoto" src/DeletePhoto/Program.cs 's/\n\s+bucket\.WarmUp\([^\n]*//' DeletePhoto Routes.WarmUpTests \
    'the first DeleteObject opens a connection to S3'
break_it "faults: a case" tests/EndToEnd/Faults/Call.cs 's/, DeleteByQuery\b//' tests $routes \
    'DELETE /photos: 204 after [UpdateItem, DeleteObject] is not a fault case'
break_it "fuzz: an event" tests/EndToEnd/Fuzz/HostileEvents.cs 's/\n\s+\["DELETE \/photos"\][^\n]*//' tests $routes \
    'DELETE /photos is new: add its events'
break_it "load: a step" tests/EndToEnd/Load/LoadUser.cs \
    's/album\.DeleteByQuery\(photo\)/album.Delete(photo)/g' \
    tests EndToEnd.Load.LoadTests 'The users sent delete by query (DELETE /photos) 0 times'
break_it "bench: a function" bench/MeasuredFunctions.cs 's/"WritePhoto", "DeletePhoto"\]/"DeletePhoto"]/' tests Bench.MeasuredFunctionsTests \
    'WritePhoto is not measured'
exit $status
