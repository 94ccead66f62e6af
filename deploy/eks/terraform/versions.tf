terraform {
  required_version = ">= 1.11" # locks in the bucket

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }

  # Bucket and region are given to `terraform init -backend-config`. The lock is a file in the bucket.
  backend "s3" {
    key          = "troupe/msk.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { platform = var.name }
  }
}
