"""Applies the SAM transform to a template, as CloudFormation would, and prints the result as JSON.

usage: transform.py TEMPLATE [PARAMETER=VALUE...]
"""
import json
import os
import sys

from cfnlint.decode.cfn_yaml import load
from samtranslator.translator.transform import transform

# The managed policy for logging, which SAM adds to each role.
POLICIES = {"AWSLambdaBasicExecutionRole": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}


class Policies:
    def load(self):
        return POLICIES


template = load(sys.argv[1])
parameters = {name: value["Default"] for name, value in template["Parameters"].items() if "Default" in value}
parameters.update(override.split("=", 1) for override in sys.argv[2:])
os.environ["AWS_DEFAULT_REGION"] = "eu-central-1"
# The transform expects the location that sam package uploads the code to.
for resource in template["Resources"].values():
    if resource["Type"] == "AWS::Serverless::Function":
        resource["Properties"]["CodeUri"] = "s3://bucket/key"
template["Globals"]["Function"].pop("CodeUri", None)
json.dump(transform(template, parameters, Policies()), sys.stdout, default=str)
