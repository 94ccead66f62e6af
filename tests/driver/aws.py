"""Secrets Manager, Parameter Store and STS on loopback: the moto server, filled through boto3."""

import contextlib
import json
import os
import pathlib
import ssl
import subprocess
import sys
import threading
import urllib.request

import boto3

from driver.certificates import Authority
from driver.ports import free_ports
from driver.program import clean_environment, eventually

REGION = "us-east-1"
# What an ordinary reader of secrets is allowed: what Troupe's README asks operators for.
READER = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue", "ssm:GetParameter"], "Resource": "*"}]}


class Filling:
    """What fills a server: the independent client."""

    def __init__(self, endpoint, ca=None):
        self.endpoint, self.ca = endpoint, ca

    def client(self, service):
        return boto3.client(service, region_name=REGION, endpoint_url=self.endpoint, verify=str(self.ca) if self.ca else None,
                            aws_access_key_id="filler", aws_secret_access_key="filler")

    def put_secret(self, name, text):
        """Creates a secret, or gives it another value: the one before is then AWSPREVIOUS."""
        client = self.client("secretsmanager")
        try:
            client.create_secret(Name=name, SecretString=text)
        except client.exceptions.ResourceExistsException:
            client.put_secret_value(SecretId=name, SecretString=text)

    def put_binary_secret(self, name, text):
        self.client("secretsmanager").create_secret(Name=name, SecretBinary=text.encode())

    def delete_secret(self, name):
        """Marks it for deletion."""
        self.client("secretsmanager").delete_secret(SecretId=name)

    def put_parameter(self, name, kind, text):
        self.client("ssm").put_parameter(Name=name, Type=kind, Value=text, Overwrite=True)

    def make_user(self, name, rights="reader"):
        """A user with keys, which are returned; `rights` is reader or none."""
        client = self.client("iam")
        client.create_user(UserName=name)
        if rights == "reader":
            client.put_user_policy(UserName=name, PolicyName="reader", PolicyDocument=json.dumps(READER))
        made = client.create_access_key(UserName=name)["AccessKey"]
        return made["AccessKeyId"], made["SecretAccessKey"]

    def enforce(self, state):
        """From now on signatures and rights are checked (`on`), or not (`off`, as at the start)."""
        self._post("reset-auth", {"on": "0", "off": str(1 << 30)}[state], "text/plain")

    def configure(self, settings):
        """Sets what moto's own settings are, such as {"lambda": {"use_docker": False}}."""
        self._post("config", json.dumps(settings), "application/json")

    def _post(self, path, body, media_type):
        context = ssl.create_default_context(cafile=self.ca) if self.ca else None
        request = urllib.request.Request(f"{self.endpoint}/moto-api/{path}", data=body.encode(), method="POST",
                                         headers={"Content-Type": media_type})
        with urllib.request.urlopen(request, context=context, timeout=10):
            pass


class Aws(Filling):
    """The server, on the same port over restarts; what it holds is gone with it."""

    def __init__(self, folder, tls=False):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_ports(1)[0]
        self.process = None
        self.other_ca = self.certificate = ca = None
        if tls:
            authority = Authority(self.folder, "ca")
            ca, self.certificate = authority.certificate, authority.issue("aws")
            self.other_ca = Authority(self.folder, "other-ca").certificate
        super().__init__(f"{'https' if tls else 'http'}://127.0.0.1:{self.port}", ca)

    def start(self):
        tls = ["-c", str(self.certificate), "-k", str(self.certificate)] if self.certificate else []
        # As with every server: it ends with a test that is killed, and is tied to the thread that starts it.
        tied = ["setpriv", "--pdeathsig", "KILL"] if threading.current_thread() is threading.main_thread() else []
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([*tied, sys.executable, "-m", "moto.server", "-p", str(self.port), *tls],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                            env=clean_environment({"AWS_DEFAULT_REGION": REGION}))
        eventually(self._usable, 30, "a usable server")
        return self

    def _usable(self):
        assert self.process.poll() is None, f"the server ended: {self.log.read_text()[-2000:]}"
        with contextlib.suppress(OSError):
            self.enforce("off")
            return True
        return False

    @property
    def log(self):
        return self.folder / "aws.log"

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)

    def environment(self):
        """The variables for the tests of a bridge."""
        variables = {"TROUPE_TEST_AWS": self.endpoint, "TROUPE_TEST_AWS_REGION": REGION,
                "TROUPE_TEST_AWS_FILL": f"{sys.executable} -m driver.aws_fill",
                "PYTHONPATH": str(pathlib.Path(__file__).parent.parent)}
        if self.ca:
            variables |= {"TROUPE_TEST_AWS_CA": str(self.ca), "TROUPE_TEST_AWS_OTHER_CA": str(self.other_ca)}
        return variables


@contextlib.contextmanager
def aws(folder, **options):
    """A server that is usable, and that is gone afterwards."""
    made = Aws(folder, **options)
    try:
        yield made.start()
    finally:
        made.close()


def running():
    """The server that the environment of this process names."""
    return Filling(os.environ["TROUPE_TEST_AWS"], os.environ.get("TROUPE_TEST_AWS_CA"))
