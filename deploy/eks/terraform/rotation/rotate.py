"""Makes and replaces the password of a secret that holds {"username": ..., "password": ...}: `firstSecret`, and the four steps
in which Secrets Manager calls a rotation function. Amazon MSK takes a new password from the secret by itself, within 10
minutes. Each step may be repeated."""

import json

import boto3

secrets = boto3.client("secretsmanager")


def handler(event, _context):
    secret = event["SecretId"]
    if event["Step"] == "firstSecret":
        return first(secret, event["Username"])
    token = event["ClientRequestToken"]
    stages = secrets.describe_secret(SecretId=secret)["VersionIdsToStages"]
    if "AWSCURRENT" in stages.get(token, []):
        return None  # this rotation is done
    if "AWSPENDING" not in stages.get(token, []):
        raise ValueError(f"version {token} of {secret} is not pending")
    STEPS[event["Step"]](secret, token, stages)
    return None


def first(secret, username):
    if not secrets.describe_secret(SecretId=secret).get("VersionIdsToStages"):
        secrets.put_secret_value(SecretId=secret, SecretString=json.dumps({"username": username, "password": password()}))


def create(secret, token, _stages):
    try:
        secrets.get_secret_value(SecretId=secret, VersionId=token, VersionStage="AWSPENDING")
    except secrets.exceptions.ResourceNotFoundException:
        value = {**read(secret, VersionStage="AWSCURRENT"), "password": password()}
        secrets.put_secret_value(SecretId=secret, ClientRequestToken=token, SecretString=json.dumps(value),
                                 VersionStages=["AWSPENDING"])


def test(secret, token, _stages):
    pending = read(secret, VersionId=token, VersionStage="AWSPENDING")
    current = read(secret, VersionStage="AWSCURRENT")
    if not pending.get("password") or pending.get("username") != current.get("username"):
        raise ValueError(f"version {token} of {secret} is not a password of the same user")


def finish(secret, token, stages):
    current = next((version for version, of in stages.items() if "AWSCURRENT" in of), None)
    secrets.update_secret_version_stage(SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token,
                                        RemoveFromVersionId=current)


def password():
    return secrets.get_random_password(PasswordLength=48, ExcludePunctuation=True)["RandomPassword"]


def read(secret, **which):
    return json.loads(secrets.get_secret_value(SecretId=secret, **which)["SecretString"])


STEPS = {"createSecret": create, "setSecret": lambda *_: None, "testSecret": test, "finishSecret": finish}
