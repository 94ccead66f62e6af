# The brokers' network: one subnet in each of three zones, no way to the Internet, and a peering with the EKS cluster's network
# that is routed on both sides.

data "aws_availability_zones" "available" {
  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

data "aws_vpc" "eks" {
  tags = { "alpha.eksctl.io/cluster-name" = var.eks_cluster } # eksctl's own mark
}

data "aws_route_tables" "eks" {
  vpc_id = data.aws_vpc.eks.id
}

locals {
  # What clients in the EKS cluster reach.
  ports = {
    scram         = 9096
    jmx_exporter  = 11001
    node_exporter = 11002
  }
}

resource "aws_vpc" "this" {
  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = { Name = var.name }
}

resource "aws_subnet" "brokers" {
  count = 3

  vpc_id            = aws_vpc.this.id
  availability_zone = data.aws_availability_zones.available.names[count.index]
  cidr_block        = cidrsubnet(var.vpc_cidr, 2, count.index)
  tags              = { Name = "${var.name}-${count.index}" }
}

resource "aws_route_table" "brokers" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = var.name }
}

resource "aws_route_table_association" "brokers" {
  count = 3

  subnet_id      = aws_subnet.brokers[count.index].id
  route_table_id = aws_route_table.brokers.id
}

# The group that a new network brings lets its members reach one another; nobody is to be one.
resource "aws_default_security_group" "none" {
  vpc_id = aws_vpc.this.id
}

resource "aws_security_group" "brokers" {
  name_prefix = "${var.name}-"
  description = "Brokers of ${var.name}: clients in EKS cluster ${var.eks_cluster}."
  vpc_id      = aws_vpc.this.id

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  for_each = local.ports

  security_group_id = aws_security_group.brokers.id
  description       = each.key
  cidr_ipv4         = data.aws_vpc.eks.cidr_block
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
}

resource "aws_vpc_peering_connection" "eks" {
  vpc_id      = data.aws_vpc.eks.id
  peer_vpc_id = aws_vpc.this.id
  auto_accept = true
  tags        = { Name = "${var.eks_cluster}-${var.name}" }

  lifecycle {
    precondition {
      condition     = cidrhost(data.aws_vpc.eks.cidr_block, 0) != cidrhost(var.vpc_cidr, 0)
      error_message = "The networks of the EKS cluster and of the brokers must not overlap: set vpc_cidr."
    }
  }
}

resource "aws_vpc_peering_connection_options" "eks" {
  vpc_peering_connection_id = aws_vpc_peering_connection.eks.id

  requester {
    allow_remote_vpc_dns_resolution = true
  }

  accepter {
    allow_remote_vpc_dns_resolution = true
  }
}

resource "aws_route" "to_brokers" {
  for_each = toset(data.aws_route_tables.eks.ids)

  route_table_id            = each.value
  destination_cidr_block    = aws_vpc.this.cidr_block
  vpc_peering_connection_id = aws_vpc_peering_connection.eks.id
}

resource "aws_route" "to_eks" {
  route_table_id            = aws_route_table.brokers.id
  destination_cidr_block    = data.aws_vpc.eks.cidr_block
  vpc_peering_connection_id = aws_vpc_peering_connection.eks.id
}
