"""The three functions in Python with boto3, on a Runtime API loop of its own, for make bench to compare with."""
import http.client
import json
import os
import time

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
        TableName=TABLE, KeyConditionExpression="id = :user",
        FilterExpression="attribute_not_exists(#state)", ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues={":user": {"S": user}},
        ScanIndexForward=False, Limit=int(event["queryStringParameters"]["limit"]) + 1, ConsistentRead=True)
    return 200, {"id": user, "photos": [view(user, item) for item in page["Items"]]}


def write_photo(user, event):
    body = json.loads(event["body"])
    key = {"Bucket": BUCKET, "Key": f"private/{user}/{body['id']}"}
    head = bucket.head_object(**key)
    attributes = table.update_item(
        TableName=TABLE, Key={"id": {"S": user}, "photoId": {"S": body["id"]}},
        UpdateExpression="SET #name = :name REMOVE #state, #expires",
        ConditionExpression="#state = :granted AND #expires > :now AND #size = :size AND #type = :type",
        ExpressionAttributeNames={
            "#name": "name", "#state": "state", "#expires": "expires", "#size": "size", "#type": "contentType"},
        ExpressionAttributeValues={
            ":name": {"S": body["name"]}, ":granted": {"S": "granted"}, ":now": {"N": str(int(time.time()))},
            ":size": {"N": str(head["ContentLength"])}, ":type": {"S": head["ContentType"]}},
        ReturnValues="ALL_NEW", ReturnValuesOnConditionCheckFailure="ALL_OLD")["Attributes"]
    return 201, view(user, attributes)


def delete_photo(user, event):
    photo = event["pathParameters"]["id"]
    table.update_item(
        TableName=TABLE, Key={"id": {"S": user}, "photoId": {"S": photo}},
        UpdateExpression="SET #state = :deleted, #expires = :expires REMOVE #name, #date, #size, #type",
        ConditionExpression="attribute_exists(photoId) AND (attribute_not_exists(#state) OR #state = :granted)",
        ExpressionAttributeNames={
            "#state": "state", "#expires": "expires", "#name": "name", "#date": "date", "#size": "size", "#type": "contentType"},
        ExpressionAttributeValues={
            ":deleted": {"S": "deleted"}, ":granted": {"S": "granted"}, ":expires": {"N": str(int(time.time()) + 86400)}},
        ReturnValuesOnConditionCheckFailure="ALL_OLD")
    bucket.delete_object(Bucket=BUCKET, Key=f"private/{user}/{photo}")
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
