# The password of the user: a function makes the first one, and replaces it every rotate_after_days. Terraform never sees it.
# Amazon MSK follows the secret by itself.

resource "aws_kms_key" "secret" {
  description             = "Credentials of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 7
}

resource "aws_secretsmanager_secret" "credentials" {
  name                    = var.secret_name
  description             = "SASL/SCRAM credentials of ${var.name}"
  kms_key_id              = aws_kms_key.secret.arn # Amazon MSK takes no secret under the account's default key
  recovery_window_in_days = 7
}

data "aws_iam_policy_document" "secret" {
  statement {
    sid       = "AWSKafkaResourcePolicy"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.credentials.arn]

    principals {
      type        = "Service"
      identifiers = ["kafka.amazonaws.com"]
    }
  }
}

resource "aws_secretsmanager_secret_policy" "credentials" {
  secret_arn = aws_secretsmanager_secret.credentials.arn
  policy     = data.aws_iam_policy_document.secret.json
}

data "aws_iam_policy_document" "rotation_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "rotation" {
  statement {
    sid = "Secret"
    actions = [
      "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue",
      "secretsmanager:UpdateSecretVersionStage",
    ]
    resources = [aws_secretsmanager_secret.credentials.arn]
  }

  statement {
    sid       = "Password"
    actions   = ["secretsmanager:GetRandomPassword"]
    resources = ["*"] # the action knows no resource
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.secret.arn]
  }

  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.rotation.arn}:*"]
  }
}

resource "aws_iam_role" "rotation" {
  name_prefix        = "troupe-rotation-"
  description        = "Rotates ${var.secret_name}"
  assume_role_policy = data.aws_iam_policy_document.rotation_trust.json
}

resource "aws_iam_role_policy" "rotation" {
  name   = "rotation"
  role   = aws_iam_role.rotation.id
  policy = data.aws_iam_policy_document.rotation.json
}

resource "aws_cloudwatch_log_group" "rotation" {
  name              = "/aws/lambda/${var.name}-rotation"
  retention_in_days = var.log_retention_days
}

# A stack, because CloudFormation takes the function's source as text: Terraform itself wants an archive.
resource "aws_cloudformation_stack" "rotation" {
  name = "${var.name}-rotation"

  template_body = jsonencode({
    Resources = {
      Function = {
        Type = "AWS::Lambda::Function"
        Properties = {
          FunctionName  = "${var.name}-rotation"
          Description   = "Rotates ${var.secret_name}"
          Runtime       = "python3.13"
          Handler       = "index.handler"
          Timeout       = 30
          Role          = aws_iam_role.rotation.arn
          LoggingConfig = { LogGroup = aws_cloudwatch_log_group.rotation.name }
          Code          = { ZipFile = file("${path.module}/rotation/rotate.py") }
        }
      }

      Permission = {
        Type = "AWS::Lambda::Permission"
        Properties = {
          FunctionName  = { "Fn::GetAtt" = ["Function", "Arn"] }
          Action        = "lambda:InvokeFunction"
          Principal     = "secretsmanager.amazonaws.com"
          SourceAccount = data.aws_caller_identity.current.account_id
          SourceArn     = aws_secretsmanager_secret.credentials.arn
        }
      }
    }
    Outputs = {
      Arn = { Value = { "Fn::GetAtt" = ["Function", "Arn"] } }
    }
  })

  depends_on = [aws_iam_role_policy.rotation]
}

resource "aws_lambda_invocation" "first_password" {
  function_name = "${var.name}-rotation"

  input = jsonencode({
    Step     = "firstSecret"
    SecretId = aws_secretsmanager_secret.credentials.arn
    Username = var.kafka_user
  })

  depends_on = [aws_cloudformation_stack.rotation]
}

resource "aws_secretsmanager_secret_rotation" "credentials" {
  secret_id           = aws_secretsmanager_secret.credentials.id
  rotation_lambda_arn = aws_cloudformation_stack.rotation.outputs["Arn"]
  rotate_immediately  = false

  rotation_rules {
    automatically_after_days = var.rotate_after_days
  }

  depends_on = [aws_lambda_invocation.first_password]
}
