"""The three functions in Python with boto3, on a Runtime API loop of its own, for make bench to compare with."""
import http.client
import json
import os
from datetime import datetime, timezone

import boto3
from botocore.config import Config

TABLE, BUCKET = os.environ["PHOTO_TABLE"], os.environ["PHOTO_BUCKET"]
FUNCTION = os.environ["_HANDLER"]
CONFIG = Config(s3={"addressing_style": "path"}, signature_version="s3v4")

table = boto3.client("dynamodb")
bucket = boto3.client("s3", config=CONFIG)


def view(user, item):
    photo = {name: item[name]["S"] for name in ("name", "date", "contentType")}
    key = {"Bucket": BUCKET, "Key": f"private/{user}/{item['photoId']['S']}"}
    url = bucket.generate_presigned_url("get_object", Params=key, ExpiresIn=900)
    return {"id": item["photoId"]["S"], "size": int(item["size"]["N"]), "url": url, **photo}


def list_photos(user, event):
    page = table.query(
        TableName=TABLE, KeyConditionExpression="id = :user", ExpressionAttributeValues={":user": {"S": user}},
        ScanIndexForward=False, Limit=int(event["queryStringParameters"]["limit"]) + 1, ConsistentRead=True)
    return 200, {"id": user, "photos": [view(user, item) for item in page["Items"]]}


def write_photo(user, event):
    body = json.loads(event["body"])
    key = {"Bucket": BUCKET, "Key": f"private/{user}/{body['id']}"}
    head = bucket.head_object(**key)
    bucket.put_object_tagging(**key, Tagging={"TagSet": []})
    item = {
        "id": {"S": user}, "photoId": {"S": body["id"]}, "name": {"S": body["name"]},
        "date": {"S": datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")},
        "size": {"N": str(head["ContentLength"])}, "contentType": {"S": head["ContentType"]}}
    table.put_item(TableName=TABLE, Item=item, ConditionExpression="attribute_not_exists(photoId)")
    return 201, view(user, item)


def delete_photo(user, event):
    photo = event["pathParameters"]["id"]
    bucket.delete_object(Bucket=BUCKET, Key=f"private/{user}/{photo}")
    table.delete_item(TableName=TABLE, Key={"id": {"S": user}, "photoId": {"S": photo}}, ReturnValues="ALL_OLD")
    return 204, None


handle = {"ListPhotos": list_photos, "WritePhoto": write_photo, "DeletePhoto": delete_photo}[FUNCTION]
runtime = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    runtime.request("GET", "/2018-06-01/runtime/invocation/next")
    invocation = runtime.getresponse()
    event = json.loads(invocation.read())
    status, answer = handle(event["requestContext"]["authorizer"]["claims"]["sub"], event)
    response = {
        "statusCode": status, "headers": {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"},
        "body": "" if answer is None else json.dumps(answer)}
    request = invocation.headers["Lambda-Runtime-Aws-Request-Id"]
    runtime.request("POST", f"/2018-06-01/runtime/invocation/{request}/response", json.dumps(response).encode())
    runtime.getresponse().read()
