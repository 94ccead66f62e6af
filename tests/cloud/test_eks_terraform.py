"""deploy/eks/terraform: its form, its plans against a mock of the provider, and all of it but the brokers applied to a server
that speaks AWS's protocols."""

import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile

import pytest
from driver.aws import REGION, aws
from driver.missing import not_run

MODULE = pathlib.Path(__file__).parents[2] / "deploy" / "eks" / "terraform"
# Folders in which operators keep providers, beside those where Terraform looks by itself.
MIRRORS = [pathlib.Path(folder) for folder in os.environ.get("TROUPE_TERRAFORM_MIRROR", "").split(":") if folder]
MIRRORS += [path.parents[2] for path in pathlib.Path("/opt").glob("*/*/hashicorp/aws")]
# What the server does not have: its Kafka knows no configurations, and no states of a cluster; what it answers of a peering's
# options is no answer of AWS.
MISSING = ("aws_msk_", "aws_ssm_parameter.brokers", "aws_iam_policy.client", "data.aws_iam_policy_document.client",
           "aws_vpc_peering_connection_options")

# At most two processes of tests do these: the provider takes 700 MiB of memory.
PLANNED, APPLIED = (pytest.mark.xdist_group(name) for name in ("planned", "applied"))


class Terraform:
    """The module, copied and initialised."""

    def __init__(self, folder):
        self.folder = folder
        shutil.copytree(MODULE, folder, ignore=shutil.ignore_patterns(".terraform*"))
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("TF_", "AWS_"))}
        self.environment |= {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", "TF_CLI_ARGS": "-no-color"}
        for mirror in MIRRORS:
            settings = folder / "mirror.tfrc"
            settings.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
            self.environment["TF_CLI_CONFIG_FILE"] = str(settings)
            break

    def run(self, *arguments, within=240):
        return subprocess.run(["terraform", *arguments], cwd=self.folder, env=self.environment, timeout=within, check=False,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)

    def resource(self, kind):
        """The values of the only resource of that kind in the state."""
        kept = json.loads(self.must("show", "-json"))["values"]["root_module"]["resources"]
        values, = (one["values"] for one in kept if one["type"] == kind and one["mode"] == "managed")
        return values

    def must(self, *arguments):
        done = self.run(*arguments)
        assert done.returncode == 0, f"terraform {' '.join(arguments)}:\n{done.stdout[-6000:]}{done.stderr[-6000:]}"
        return done.stdout


@pytest.fixture(scope="module")
def terraform(tmp_path_factory):
    if not shutil.which("terraform"):
        not_run("terraform is not installed: deploy/eks/terraform was not formatted, validated, planned or applied")
    made = Terraform(tmp_path_factory.mktemp("terraform") / "module")
    begun = made.run("init", "-backend=false", "-input=false")
    if begun.returncode != 0 and not MIRRORS and "registry" in begun.stderr.lower():
        not_run("Terraform's provider for AWS cannot be had: deploy/eks/terraform was not validated, planned or applied. Name a folder "
                "with it in TROUPE_TERRAFORM_MIRROR")
    assert begun.returncode == 0, begun.stderr
    return made


@PLANNED
def test_the_files_are_formatted(terraform):
    assert terraform.must("fmt", "-check", "-recursive", "-diff", str(MODULE)) == ""


@PLANNED
def test_the_module_is_valid(terraform):
    assert json.loads(terraform.must("validate", "-json"))["valid"]


@PLANNED
def test_the_plans_are_as_asserted(terraform):
    said = terraform.must("test")
    assert re.search(r"Success! (\d+) passed, 0 failed", said), said


def network_of_the_cluster(ec2):
    """The network that eksctl makes for a cluster: the main route table and one of its own. And another one."""
    ec2.create_vpc(CidrBlock="192.168.0.0/16")
    vpc = ec2.create_vpc(CidrBlock="192.168.0.0/16", TagSpecifications=[
        {"ResourceType": "vpc", "Tags": [{"Key": "alpha.eksctl.io/cluster-name", "Value": "troupe"}]}])["Vpc"]["VpcId"]
    ec2.create_route_table(VpcId=vpc)
    return vpc, {table["RouteTableId"] for table in ec2.describe_route_tables(
        Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]}


def pretend_function(client):
    """The server keeps the functions of CloudFormation and those that it pretends to call apart. This is one of the latter."""
    role = client("iam").create_role(RoleName="of-the-test", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    with io.BytesIO() as archive:
        with zipfile.ZipFile(archive, "w") as files:
            files.writestr("index.py", "")
        client("lambda").create_function(FunctionName="demo-msk-cluster-scram-rotation", Runtime="python3.13", Role=role,
                                         Handler="index.handler", Code={"ZipFile": archive.getvalue()})


def call_function(applied, event):
    """Runs the function, which the server only pretends to do."""
    program = f"import json, rotate; rotate.handler(json.loads({json.dumps(event)!r}), None)"
    subprocess.run([sys.executable, "-c", program], cwd=applied.folder / "rotation", check=True, timeout=60,
                   env={**applied.environment, "AWS_DEFAULT_REGION": REGION})


@pytest.fixture(scope="module")
def applied(tmp_path_factory, terraform):  # terraform: it can be had
    """The module with its state in a bucket, all of it applied that the server has; and the server."""
    made = Terraform(tmp_path_factory.mktemp("applied") / "module")
    with aws(tmp_path_factory.mktemp("aws")) as server:
        server.configure({"lambda": {"use_docker": False}})
        server.client("s3").create_bucket(Bucket="states")
        pretend_function(server.client)
        vpc, tables = network_of_the_cluster(server.client("ec2"))
        made.environment |= {"AWS_ENDPOINT_URL": server.endpoint, "AWS_ENDPOINT_URL_S3": server.endpoint, "AWS_REGION": REGION,
                             "AWS_ACCESS_KEY_ID": "applier", "AWS_SECRET_ACCESS_KEY": "applier"}
        made.must("init", "-input=false", "-backend-config=bucket=states", f"-backend-config=region={REGION}",
                  "-backend-config=use_path_style=true", "-backend-config=skip_credentials_validation=true")
        made.must("plan", "-out", "all.plan", "-input=false")
        planned = json.loads(made.must("show", "-json", "all.plan"))
        addresses = [change["address"] for change in planned["resource_changes"]]
        targets = [address for address in addresses if not address.startswith(MISSING)]
        assert {address.split(".")[0] for address in addresses if address not in targets} == {
            "aws_msk_cluster", "aws_msk_configuration", "aws_msk_scram_secret_association", "aws_ssm_parameter", "aws_iam_policy",
            "aws_vpc_peering_connection_options", "data"}
        made.server, made.vpc, made.tables = server, vpc, tables
        made.targets = [f"-target={address}" for address in targets if "data." not in address]
        made.must("apply", "-auto-approve", "-input=false", "-target=aws_lambda_invocation.first_password")
        call_function(made, json.loads(made.resource("aws_lambda_invocation")["input"]))
        made.must("apply", "-auto-approve", "-input=false", *made.targets)
        yield made


@APPLIED
def test_the_networks_reach_each_other(applied):
    ec2 = applied.server.client("ec2")
    peering = ec2.describe_vpc_peering_connections()["VpcPeeringConnections"][0]
    brokers = peering["AccepterVpcInfo"]["VpcId"]
    assert peering["Status"]["Code"] == "active" and peering["RequesterVpcInfo"]["VpcId"] == applied.vpc
    through = {}
    for table in ec2.describe_route_tables()["RouteTables"]:
        for route in table["Routes"]:
            if route.get("VpcPeeringConnectionId") == peering["VpcPeeringConnectionId"]:
                through.setdefault((table["VpcId"], route["DestinationCidrBlock"]), set()).add(table["RouteTableId"])
    assert through[applied.vpc, "10.0.0.0/22"] == applied.tables
    tables = through[brokers, "192.168.0.0/16"]
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [brokers]}])["Subnets"]
    associated = {link["SubnetId"] for table in ec2.describe_route_tables(RouteTableIds=list(tables))["RouteTables"]
                  for link in table["Associations"] if "SubnetId" in link}
    assert associated == {subnet["SubnetId"] for subnet in subnets} and len(subnets) == 3
    assert len({subnet["AvailabilityZone"] for subnet in subnets}) == 3


@APPLIED
def test_only_the_clients_ports_are_open(applied):
    groups = applied.server.client("ec2").describe_security_groups()["SecurityGroups"]
    rules = [rule for group in groups if group["GroupName"].startswith("demo-msk-cluster-scram-") for rule in group["IpPermissions"]]
    opened = {(rule["FromPort"], rule["ToPort"], *(one["CidrIp"] for one in rule["IpRanges"])) for rule in rules}
    assert opened == {(port, port, "192.168.0.0/16") for port in (9096, 11001, 11002)}


@APPLIED
def test_the_secret_is_under_a_key_of_ours_and_rotated(applied):
    described = applied.server.client("secretsmanager").describe_secret(SecretId="AmazonMSK_credentials")
    assert described["RotationEnabled"] and described["RotationRules"]["AutomaticallyAfterDays"] == 30
    assert described["RotationLambdaARN"].endswith(":function:demo-msk-cluster-scram-rotation")
    keys = {key["KeyId"] for key in applied.server.client("kms").list_keys()["Keys"]}
    assert described["KmsKeyId"].split("/")[-1] in keys


@APPLIED
def test_the_function_is_the_one_that_is_tested(applied):
    template = applied.server.client("cloudformation").get_template(StackName="demo-msk-cluster-scram-rotation")["TemplateBody"]
    function = template["Resources"]["Function"]["Properties"]
    assert function["Handler"] == "index.handler" and function["Runtime"] == "python3.13"
    assert function["Code"]["ZipFile"] == (MODULE / "rotation" / "rotate.py").read_text()


@APPLIED
def test_who_reads_the_secret_may_read_nothing_else(applied):
    iam = applied.server.client("iam")
    policy = next(one for one in iam.list_policies(Scope="Local")["Policies"] if one["PolicyName"].endswith("-credentials"))
    statements = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId="v1")["PolicyVersion"]["Document"]["Statement"]
    secret = applied.server.client("secretsmanager").describe_secret(SecretId="AmazonMSK_credentials")["ARN"]
    by_action = {one["Action"]: one for one in statements}
    assert set(by_action) == {"secretsmanager:GetSecretValue", "kms:Decrypt", "ssm:GetParameter"}
    assert by_action["secretsmanager:GetSecretValue"]["Resource"] == secret
    assert by_action["ssm:GetParameter"]["Resource"] == f"arn:aws:ssm:{REGION}:123456789012:parameter/msk/scram/brokers"
    assert by_action["kms:Decrypt"]["Condition"] == {"StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}}


@APPLIED
def test_the_password_is_in_the_secret_and_not_in_the_state(applied):
    secret = applied.server.client("secretsmanager").get_secret_value(SecretId="AmazonMSK_credentials")["SecretString"]
    assert json.loads(secret)["username"] == "kafka-demo" and len(json.loads(secret)["password"]) == 48
    state = applied.server.client("s3").get_object(Bucket="states", Key="troupe/msk.tfstate")["Body"].read().decode()
    assert "aws_secretsmanager_secret_rotation" in state and json.loads(secret)["password"] not in state


@APPLIED
def test_another_plan_changes_nothing(applied):
    said = applied.must("plan", "-input=false", "-json", *applied.targets)
    changes = [line["change"] for line in map(json.loads, said.splitlines()) if line["type"] == "planned_change"]
    assert changes == []


@APPLIED
def test_all_of_it_is_taken_down(applied):
    """The last of the module's tests."""
    applied.must("destroy", "-auto-approve", "-input=false")
    assert json.loads(applied.must("show", "-json")).get("values") is None
    assert [one["VpcId"] for one in applied.server.client("ec2").describe_vpcs(Filters=[
        {"Name": "cidr", "Values": ["10.0.0.0/22"]}])["Vpcs"]] == []
