"""deploy/eks/terraform/rotation/rotate.py against Secrets Manager as moto has it, in this process."""

import importlib.util
import json
import pathlib

import boto3
import pytest
from driver.aws import REGION
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.secretsmanager.models import secretsmanager_backends

SOURCE = pathlib.Path(__file__).parents[2] / "deploy" / "eks" / "terraform" / "rotation" / "rotate.py"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
TOKEN, OTHER = "a" * 36, "b" * 36


class Secret:
    """A secret without a value, and the function that makes and replaces it."""

    def __init__(self):
        named = importlib.util.spec_from_file_location("rotate", SOURCE)
        self.function = importlib.util.module_from_spec(named)
        named.loader.exec_module(self.function)
        self.client = boto3.client("secretsmanager")
        self.id = self.client.create_secret(Name="AmazonMSK_credentials")["ARN"]

    def first(self):
        self.function.handler({"Step": "firstSecret", "SecretId": self.id, "Username": "kafka-demo"}, None)

    def begin(self, token=TOKEN):
        """What RotateSecret does before it calls the function: a version that is pending and has no value."""
        kept = secretsmanager_backends[DEFAULT_ACCOUNT_ID][REGION].secrets[self.id]
        kept.versions[token] = {"createdate": 0, "version_id": token, "version_stages": ["AWSPENDING"]}

    def step(self, name, token=TOKEN):
        self.function.handler({"Step": name, "SecretId": self.id, "ClientRequestToken": token}, None)

    def value(self, stage="AWSCURRENT"):
        return json.loads(self.client.get_secret_value(SecretId=self.id, VersionStage=stage)["SecretString"])


@pytest.fixture
def secret(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "rotation")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield Secret()


def test_the_first_password_is_made_once(secret):
    secret.first()
    made = secret.value()
    assert made["username"] == "kafka-demo" and len(made["password"]) == 48 and made["password"].isalnum()
    secret.first()
    assert secret.value() == made


def test_a_rotation_replaces_the_password_alone(secret):
    secret.first()
    before = secret.value()
    secret.begin()
    for name in STEPS:
        secret.step(name)
    after = secret.value()
    assert after["username"] == before["username"] and after["password"] != before["password"]
    assert len(after["password"]) == 48
    assert secret.value("AWSPREVIOUS") == before


def test_a_repeated_step_changes_nothing(secret):
    secret.first()
    secret.begin()
    secret.step("createSecret")
    made = secret.value("AWSPENDING")
    for name in ("createSecret", "setSecret", "setSecret", "testSecret", "finishSecret", "finishSecret"):
        secret.step(name)
    assert secret.value() == made


def test_a_version_that_is_not_pending_is_refused(secret):
    secret.first()
    with pytest.raises(ValueError, match="is not pending"):
        secret.step("createSecret", OTHER)


@pytest.mark.parametrize("wrong", [{"username": "kafka-demo", "password": ""}, {"username": "other", "password": "p" * 48}])
def test_a_wrong_pending_value_never_becomes_current(secret, wrong):
    secret.first()
    secret.client.put_secret_value(SecretId=secret.id, ClientRequestToken=OTHER, SecretString=json.dumps(wrong),
                                   VersionStages=["AWSPENDING"])
    with pytest.raises(ValueError, match="same user"):
        secret.step("testSecret", OTHER)
