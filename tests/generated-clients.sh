#!/usr/bin/env bash
# Generates clients from the description that the local host serves, and lets each upload, list and delete a photo. Needs
# the network, for the generators. The argument is the folder of the built functions.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly functions=$1 host=artifacts/bin/Local/release/Photos.Local.dll
# Outside of the repository, whose build settings do not apply to generated code.
folder=$(mktemp -d)
readonly folder
trap 'kill "$pid" 2>/dev/null && wait "$pid" || true; rm -rf "$folder"' EXIT

dotnet "$host" run --port 0 --functions "$functions" --data "$folder/data" >"$folder/host.log" 2>&1 &
pid=$!
for _ in $(seq 120); do
    API=$(sed -n 's/^ready //p' "$folder/host.log")
    [ -z "$API" ] && kill -0 "$pid" 2>/dev/null || break
    sleep 1
done
[ -n "$API" ] || { cat "$folder/host.log" >&2; exit 1; }
TOKEN=$(dotnet "$host" token alice --data "$folder/data")
export API TOKEN DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 KIOTA_TUTORIAL_ENABLED=false

cp -R tests/GeneratedClients/. "$folder"
cd "$folder"
curl -sS --fail-with-body "$API/openapi.yaml" -o openapi.yaml

quietly() { "$@" >"$folder/step.log" 2>&1 || { cat "$folder/step.log" >&2; echo "$client failed: $*" >&2; exit 1; }; }

client=npm
quietly timeout 300 npm ci --no-audit --no-fund
for client in openapi-typescript hey-api; do
    case $client in
        openapi-typescript) quietly timeout 60 npx openapi-typescript openapi.yaml --output generated/openapi-typescript.ts ;;
        hey-api) quietly timeout 60 npx openapi-ts --input openapi.yaml --output generated/hey-api ;;
    esac
done
client=tsc
quietly timeout 120 npx tsc
for client in openapi-typescript hey-api; do
    quietly timeout 60 node "out/$client.js"
    echo "$client uploaded a photo"
done

for client in nswag kiota; do
    case $client in
        nswag)
            quietly timeout 300 dotnet tool install NSwag.ConsoleCore --version 14.7.1 --tool-path tools
            quietly timeout 60 tools/nswag openapi2csclient /input:openapi.yaml /output:nswag/Client.cs /namespace:Generated /className:PhotosClient ;;
        kiota)
            quietly timeout 300 dotnet tool install Microsoft.OpenApi.Kiota --version 1.38.0 --tool-path tools
            quietly timeout 60 tools/kiota generate --language CSharp --openapi openapi.yaml --class-name PhotosClient --namespace-name Generated --output kiota/Generated ;;
    esac
    quietly timeout 300 dotnet build "$client" --output "$client/out" -v quiet
    quietly timeout 60 dotnet "$client/out/$client.dll"
    echo "$client uploaded a photo"
done
