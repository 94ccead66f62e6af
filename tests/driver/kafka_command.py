"""What tests/servers/kafka runs."""

import sys

from driver.kafka import kafka
from driver.serving import arguments, serve


def main():
    parser = arguments("kafka", "real Kafka brokers (KRaft)")
    parser.add_argument("--brokers", type=int, choices=(1, 3), default=1, help="how many; default 1")
    parser.add_argument("--security", choices=("plaintext", "sasl_ssl"), default="plaintext",
                        help="sasl_ssl: SCRAM-SHA-512 over TLS, with rules for what a user may do; default plaintext")
    parser.add_argument("--certificate", choices=("valid", "expired", "unknown"), default="valid",
                        help="what clients are shown; default valid")
    asked = parser.parse_args()
    return serve(lambda folder: kafka(folder / "kafka", brokers=asked.brokers, security=asked.security,
                                      certificate=asked.certificate), asked.command)


sys.exit(main())
