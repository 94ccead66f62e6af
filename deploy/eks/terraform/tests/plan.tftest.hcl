# Plans and applies against a mock of the provider: no account is needed. `terraform test` runs it.

mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"] }
  }

  mock_data "aws_vpc" {
    defaults = { id = "vpc-0eks", cidr_block = "192.168.0.0/16" }
  }

  mock_data "aws_route_tables" {
    defaults = { ids = ["rtb-public", "rtb-private-a", "rtb-private-b"] }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_vpc" {
    defaults = { id = "vpc-0brokers" }
  }

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/mock" }
  }

  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:AmazonMSK_credentials-mock" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:mock" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }

  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::123456789012:policy/mock" }
  }

  mock_resource "aws_cloudformation_stack" {
    defaults = { outputs = { Arn = "arn:aws:lambda:us-east-1:123456789012:function:mock" } }
  }

  mock_resource "aws_msk_configuration" {
    defaults = { arn = "arn:aws:kafka:us-east-1:123456789012:configuration/mock/1", latest_revision = 7 }
  }

  mock_resource "aws_msk_cluster" {
    defaults = {
      arn                          = "arn:aws:kafka:us-east-1:123456789012:cluster/mock/1"
      bootstrap_brokers_sasl_scram = "b-1.mock:9096,b-2.mock:9096,b-3.mock:9096"
    }
  }
}

run "network" {
  command = plan

  assert {
    condition     = aws_vpc.this.cidr_block == "10.0.0.0/22" && aws_vpc.this.enable_dns_hostnames && aws_vpc.this.enable_dns_support
    error_message = "The brokers' network is 10.0.0.0/22, with names."
  }

  assert {
    condition     = aws_subnet.brokers[*].cidr_block == ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]
    error_message = "The subnets are the first three /24 of the network."
  }

  assert {
    condition     = length(distinct(aws_subnet.brokers[*].availability_zone)) == 3
    error_message = "Each subnet is in a zone of its own."
  }

  assert {
    condition = tomap({
      for name, rule in aws_vpc_security_group_ingress_rule.clients : name => "${rule.ip_protocol} ${rule.from_port}-${rule.to_port} ${rule.cidr_ipv4}"
      }) == tomap({
      scram         = "tcp 9096-9096 192.168.0.0/16"
      jmx_exporter  = "tcp 11001-11001 192.168.0.0/16"
      node_exporter = "tcp 11002-11002 192.168.0.0/16"
    })
    error_message = "Only SCRAM's port and the exporters' are open, and only to the EKS cluster's network."
  }

  assert {
    condition     = toset(keys(aws_route.to_brokers)) == toset(["rtb-public", "rtb-private-a", "rtb-private-b"])
    error_message = "Each route table of the EKS cluster's network has a route to the brokers."
  }

  assert {
    condition     = alltrue([for route in aws_route.to_brokers : route.destination_cidr_block == "10.0.0.0/22"])
    error_message = "That route is for the brokers' network."
  }

  assert {
    condition     = aws_route.to_eks.destination_cidr_block == "192.168.0.0/16"
    error_message = "The brokers' network has a route back."
  }

  assert {
    condition     = aws_vpc_peering_connection.eks.auto_accept && aws_vpc_peering_connection.eks.vpc_id == "vpc-0eks"
    error_message = "The EKS cluster's network requests the peering, which is accepted."
  }

  assert {
    condition = (aws_vpc_peering_connection_options.eks.requester[0].allow_remote_vpc_dns_resolution
    && aws_vpc_peering_connection_options.eks.accepter[0].allow_remote_vpc_dns_resolution)
    error_message = "Names are resolved across the peering, both ways."
  }
}

run "brokers" {
  command = apply

  assert {
    condition     = aws_msk_cluster.this.number_of_broker_nodes == 3 && aws_msk_cluster.this.kafka_version == "3.9.x.kraft"
    error_message = "Three brokers, in KRaft mode."
  }

  assert {
    condition = (aws_msk_cluster.this.client_authentication[0].sasl[0].scram && !aws_msk_cluster.this.client_authentication[0].sasl[0].iam
    && !aws_msk_cluster.this.client_authentication[0].unauthenticated)
    error_message = "SCRAM is the only way in."
  }

  assert {
    condition = (aws_msk_cluster.this.encryption_info[0].encryption_in_transit[0].client_broker == "TLS"
      && aws_msk_cluster.this.encryption_info[0].encryption_in_transit[0].in_cluster
    && aws_msk_cluster.this.encryption_info[0].encryption_at_rest_kms_key_arn == aws_kms_key.at_rest.arn)
    error_message = "Everything is encrypted, on disk with a key of ours."
  }

  assert {
    condition = (aws_msk_cluster.this.open_monitoring[0].prometheus[0].jmx_exporter[0].enabled_in_broker
    && aws_msk_cluster.this.open_monitoring[0].prometheus[0].node_exporter[0].enabled_in_broker)
    error_message = "Both exporters are on."
  }

  assert {
    condition     = aws_msk_cluster.this.logging_info[0].broker_logs[0].cloudwatch_logs[0].log_group == "/aws/msk/demo-msk-cluster-scram"
    error_message = "The brokers' logs go to CloudWatch."
  }

  assert {
    condition     = aws_msk_cluster.this.configuration_info[0].revision == 7
    error_message = "The cluster follows the newest revision of its configuration."
  }

  assert {
    condition = alltrue([for line in ["auto.create.topics.enable=false", "min.insync.replicas=2", "allow.everyone.if.no.acl.found=true"] :
    contains(split("\n", aws_msk_configuration.this.server_properties), line)])
    error_message = "Topics are made by topics apply only, and a write is on two brokers."
  }

  assert {
    condition     = aws_msk_scram_secret_association.this.secret_arn_list == toset([aws_secretsmanager_secret.credentials.arn])
    error_message = "The cluster takes the credentials of the secret."
  }

  assert {
    condition     = aws_ssm_parameter.brokers.name == "/msk/scram/brokers" && aws_ssm_parameter.brokers.type == "StringList"
    error_message = "The brokers are where deploy/topologies/msk.yaml reads them."
  }

  assert {
    condition     = nonsensitive(aws_ssm_parameter.brokers.value) == "b-1.mock:9096,b-2.mock:9096,b-3.mock:9096"
    error_message = "The parameter is the list of the brokers."
  }

  assert {
    condition = jsondecode(output.monitoring) == [
      { labels = { job = "jmx" }, targets = ["b-1.mock:11001", "b-2.mock:11001", "b-3.mock:11001"] },
      { labels = { job = "node" }, targets = ["b-1.mock:11002", "b-2.mock:11002", "b-3.mock:11002"] },
    ]
    error_message = "Prometheus finds each exporter of each broker."
  }
}

run "credentials" {
  command = apply

  assert {
    condition     = aws_secretsmanager_secret.credentials.name == "AmazonMSK_credentials"
    error_message = "The secret is where deploy/topologies/msk.yaml reads it."
  }

  assert {
    condition     = aws_secretsmanager_secret.credentials.kms_key_id == aws_kms_key.secret.arn && aws_kms_key.secret.enable_key_rotation
    error_message = "The secret is under a key of ours, which rotates."
  }

  assert {
    condition     = aws_secretsmanager_secret_rotation.credentials.rotation_rules[0].automatically_after_days == 30
    error_message = "The password is replaced every 30 days."
  }

  assert {
    condition     = jsondecode(aws_cloudformation_stack.rotation.template_body).Resources.Function.Properties.Code.ZipFile == file("rotation/rotate.py")
    error_message = "The function is rotation/rotate.py."
  }

  assert {
    condition = jsondecode(aws_lambda_invocation.first_password.input) == {
      Step = "firstSecret", SecretId = aws_secretsmanager_secret.credentials.arn, Username = "kafka-demo"
    }
    error_message = "The function makes the first password."
  }

  assert {
    condition     = jsondecode(aws_cloudformation_stack.rotation.template_body).Resources.Permission.Properties.SourceArn == aws_secretsmanager_secret.credentials.arn
    error_message = "Only this secret may call the function."
  }
}

run "accounts" {
  command = apply

  assert {
    condition = { for account in yamldecode(output.accounts).iam.serviceAccounts : account.metadata.name => length(account.attachPolicyARNs) } == {
      kafka-demo-a     = 1
      kafka-demo-b     = 1
      kafka-client-msk = 2
    }
    error_message = "The demonstration reads its credentials; the pod with the tools also describes the cluster."
  }

  assert {
    condition     = yamldecode(output.accounts).metadata == { name = "troupe", region = "us-east-1" }
    error_message = "The accounts are of the same EKS cluster."
  }
}

# Policies are documents that the mock does not render: their statements are looked at one by one.
run "least_privilege" {
  command = apply

  assert {
    condition = flatten(data.aws_iam_policy_document.credentials.statement[*].actions) == [
      "secretsmanager:GetSecretValue", "kms:Decrypt", "ssm:GetParameter",
    ]
    error_message = "The demonstration reads one secret and one parameter, and no more."
  }

  assert {
    condition = flatten(data.aws_iam_policy_document.credentials.statement[*].resources) == [
      aws_secretsmanager_secret.credentials.arn, aws_kms_key.secret.arn,
      "arn:aws:ssm:us-east-1:123456789012:parameter/msk/scram/brokers",
    ]
    error_message = "Each on its own resource."
  }

  assert {
    condition = alltrue([for action in flatten(data.aws_iam_policy_document.client.statement[*].actions) :
    can(regex("^kafka:(Describe|Get|List)", action))])
    error_message = "The pod with the tools changes nothing through AWS."
  }

  assert {
    condition     = flatten(data.aws_iam_policy_document.client.statement[*].resources) == [aws_msk_cluster.this.arn]
    error_message = "And sees this cluster only."
  }

  assert {
    condition     = alltrue([for action in flatten(data.aws_iam_policy_document.rotation.statement[*].actions) : !endswith(action, "*")])
    error_message = "No action of the rotation is a pattern."
  }
}

run "restricted" {
  command = plan

  variables {
    restrict = true
  }

  assert {
    condition     = contains(split("\n", aws_msk_configuration.this.server_properties), "allow.everyone.if.no.acl.found=false")
    error_message = "Who has no permission is refused."
  }
}

run "a_secret_that_MSK_refuses" {
  command = plan

  variables {
    secret_name = "credentials"
  }

  expect_failures = [var.secret_name]
}

run "zookeeper" {
  command = plan

  variables {
    kafka_version = "3.6.0"
  }

  expect_failures = [var.kafka_version]
}

run "overlapping_networks" {
  command = plan

  variables {
    vpc_cidr = "192.168.0.0/22"
  }

  expect_failures = [aws_vpc_peering_connection.eks]
}
