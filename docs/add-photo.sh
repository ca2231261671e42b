#!/usr/bin/env bash
# Adds a photo to the album and prints it: API=https://… TOKEN=… docs/add-photo.sh beach.jpg
# Needs curl 7.76 or newer, and Node.js to read and write JSON.
set -euo pipefail

if [ $# -ne 1 ] || [ ! -s "$1" ] || [ -z "${API:-}" ] || [ -z "${TOKEN:-}" ]; then
    echo 'Set API to the address of the API and TOKEN to an ID token, and name a photo: docs/add-photo.sh beach.jpg' >&2
    exit 1
fi
file=$1
name=${file##*/}

shopt -s nocasematch
case $name in
    *.jpg | *.jpeg) type=image/jpeg ;;
    *.png) type=image/png ;;
    *.gif) type=image/gif ;;
    *.webp) type=image/webp ;;
    *.heic | *.heif) type=image/heic ;;
    *.avif) type=image/avif ;;
    *) type=application/octet-stream ;; # The API's error message lists the types of photos.
esac

json() { node -pe "$1" -- "${@:2}"; }

# Prints the API's response. If the status is 400 or above, prints it as an error.
post() {
    local body
    body=$(curl -sS --fail-with-body "$API$1" -H "Authorization: $TOKEN" -H 'Content-Type: application/json' -d "$2") ||
        { echo "$body" >&2; return 1; }
    echo "$body"
}

# 1. Request a grant.
grant=$(post /photos/uploads "$(json 'const [name, contentType, size] = process.argv.slice(1);
    JSON.stringify({ name, contentType, size: Number(size) })' "$name" "$type" "$(wc -c <"$file")")")

# 2. Upload the file. The grant's method, URL and headers become a configuration file of curl.
for attempt in 1 2 3; do
    response=$(json 'const { method, url, headers } = JSON.parse(process.argv[1]).upload;
        [["request", method], ["url", url], ...Object.entries(headers).map(([name, value]) => ["header", `${name}: ${value}`])]
            .map(([option, value]) => `${option} = ${JSON.stringify(value)}`).join("\n")' "$grant" |
        curl -sS --globoff --upload-file "$file" --config - -w '\n%{http_code}') || response=$'\n000'
    status=${response##*$'\n'}
    case $status in
        200 | 412) break ;;                # 412: S3 already has the object, because an earlier response was lost.
        000 | 409 | 5??) sleep "$attempt" ;; # 409: S3 is handling another request for the same object.
        *) break ;;
    esac
done
case $status in
    200 | 412) ;;
    *) echo "S3 responded with $status. ${response%$'\n'*}" >&2; exit 1 ;;
esac

# 3. Write the photo.
post /photos "$(json 'const [grant, name] = process.argv.slice(1);
    JSON.stringify({ id: JSON.parse(grant).id, name })' "$grant" "$name")"
