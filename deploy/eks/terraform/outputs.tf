locals {
  hosts     = [for broker in split(",", aws_msk_cluster.this.bootstrap_brokers_sasl_scram) : split(":", broker)[0]]
  exporters = { jmx = local.ports.jmx_exporter, node = local.ports.node_exporter }
}

output "brokers" {
  description = "Where clients find the brokers."
  value       = aws_msk_cluster.this.bootstrap_brokers_sasl_scram
}

output "monitoring" {
  description = "The scrape targets of the brokers, as a file of Prometheus's file_sd_configs."
  value       = jsonencode([for job, port in local.exporters : { labels = { job = job }, targets = [for host in local.hosts : "${host}:${port}"] }])
}

output "credentials_policy" {
  description = "Reads the credentials and the brokers' addresses."
  value       = aws_iam_policy.credentials.arn
}

output "accounts" {
  description = "The service accounts of the Kafka demonstration: a file for `eksctl create iamserviceaccount`."
  value = templatefile("${path.module}/accounts.yaml.tftpl", {
    cluster     = var.eks_cluster
    region      = var.region
    namespace   = var.eks_namespace
    credentials = aws_iam_policy.credentials.arn
    client      = aws_iam_policy.client.arn
  })
}
