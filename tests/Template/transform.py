"""Applies the SAM transform to a template, as CloudFormation would, and prints the result as one line of JSON for each set of
parameter values.

usage: transform.py TEMPLATE [PARAMETER=VALUE...] [-- [PARAMETER=VALUE...]]...
"""
import copy
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


os.environ["AWS_DEFAULT_REGION"] = "eu-central-1"
source = load(sys.argv[1])
# The transform expects the location that sam package uploads the code to.
for resource in source["Resources"].values():
    if resource["Type"] == "AWS::Serverless::Function":
        resource["Properties"]["CodeUri"] = "s3://bucket/key"
source["Globals"]["Function"].pop("CodeUri", None)

stacks = [[]]
for argument in sys.argv[2:]:
    if argument == "--":
        stacks.append([])
    else:
        stacks[-1].append(argument)
for overrides in stacks:
    parameters = {name: value["Default"] for name, value in source["Parameters"].items() if "Default" in value}
    parameters.update(override.split("=", 1) for override in overrides)
    print(json.dumps(transform(copy.deepcopy(source), parameters, Policies()), default=str))
