variable "region" {
  description = "The region of both the EKS cluster and the Kafka cluster."
  type        = string
  default     = "us-east-1"
}

variable "name" {
  description = "The name of the Kafka cluster, and the beginning of the names of what belongs to it."
  type        = string
  default     = "demo-msk-cluster-scram"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,47}$", var.name))
    error_message = "A name is at most 48 lower-case letters, digits and hyphens, and begins with a letter."
  }
}

variable "eks_cluster" {
  description = "The name of the EKS cluster, made by eksctl, whose network is peered with the brokers'."
  type        = string
  default     = "troupe"
}

variable "eks_namespace" {
  description = "The Kubernetes namespace of the Kafka demonstration."
  type        = string
  default     = "kafka"
}

variable "vpc_cidr" {
  description = "The brokers' network. It must not overlap with the EKS cluster's."
  type        = string
  default     = "10.0.0.0/22"

  validation {
    condition     = can(cidrsubnet(var.vpc_cidr, 2, 3))
    error_message = "The network must be an IPv4 CIDR block that has room for four subnets."
  }
}

variable "kafka_version" {
  description = "A version that Amazon MSK offers. One that ends in .kraft needs no ZooKeeper."
  type        = string
  default     = "3.9.x.kraft"

  validation {
    condition     = endswith(var.kafka_version, ".kraft")
    error_message = "Only versions in KRaft mode (such as 3.9.x.kraft) are supported: nothing here opens ZooKeeper's ports."
  }
}

variable "broker_instance" {
  description = "The instance type of a broker."
  type        = string
  default     = "kafka.m7g.large"
}

variable "broker_storage_gib" {
  description = "The disk of a broker, in GiB."
  type        = number
  default     = 120
}

variable "kafka_user" {
  description = "The user that the credentials are of, and that permissions are given to: User:NAME."
  type        = string
  default     = "kafka-demo"
}

variable "secret_name" {
  description = "The secret that keeps the user's credentials."
  type        = string
  default     = "AmazonMSK_credentials"

  validation {
    condition     = startswith(var.secret_name, "AmazonMSK_")
    error_message = "Amazon MSK takes only secrets whose name begins with AmazonMSK_."
  }
}

variable "rotate_after_days" {
  description = "The days after which the password is replaced."
  type        = number
  default     = 30

  validation {
    condition     = var.rotate_after_days >= 1 && var.rotate_after_days <= 1000
    error_message = "Secrets Manager rotates after 1 to 1000 days."
  }
}

variable "parameter_path" {
  description = "The path of the parameters in Parameter Store."
  type        = string
  default     = "/msk/scram"
}

variable "restrict" {
  description = "Refuses everybody who has no permission. Set it after the first `troupe topics apply` and the administrator's own permission: before, nobody could give any."
  type        = bool
  default     = false
}

variable "log_retention_days" {
  description = "The days that the brokers' logs are kept."
  type        = number
  default     = 30
}
