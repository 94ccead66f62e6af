# What the pods may do, by the accounts that accounts.yaml.tftpl makes. Kafka's own permissions are ACLs of its user, so no
# policy names kafka-cluster.

data "aws_caller_identity" "current" {}

data "aws_iam_policy_document" "credentials" {
  statement {
    sid       = "Secret"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.credentials.arn]
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.secret.arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${var.region}.amazonaws.com"]
    }
  }

  statement {
    sid       = "Brokers"
    actions   = ["ssm:GetParameter"]
    resources = ["arn:aws:ssm:${var.region}:${data.aws_caller_identity.current.account_id}:parameter${var.parameter_path}/brokers"]
  }
}

resource "aws_iam_policy" "credentials" {
  name        = "${var.name}-credentials"
  description = "Reads the credentials and the brokers of ${var.name}"
  policy      = data.aws_iam_policy_document.credentials.json
}

data "aws_iam_policy_document" "client" {
  statement {
    sid = "Describe"
    actions = [
      "kafka:DescribeClusterV2", "kafka:GetBootstrapBrokers", "kafka:ListNodes", "kafka:ListScramSecrets",
    ]
    resources = [aws_msk_cluster.this.arn]
  }
}

resource "aws_iam_policy" "client" {
  name        = "${var.name}-client"
  description = "Describes ${var.name}, for the pod with Kafka's tools"
  policy      = data.aws_iam_policy_document.client.json
}
