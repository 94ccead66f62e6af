"""What tests/servers/rabbitmq runs."""

import sys

from driver.rabbitmq import rabbitmq
from driver.serving import arguments, serve


def main():
    parser = arguments("rabbitmq", "a real RabbitMQ")
    parser.add_argument("--tls", action="store_true", help="listen with TLS too, and take certificates for EXTERNAL")
    parser.add_argument("--certificate", choices=("valid", "expired", "unknown"), default="valid",
                        help="what clients are shown; default valid")
    asked = parser.parse_args()
    return serve(lambda folder: rabbitmq(folder / "rabbitmq", tls=asked.tls, certificate=asked.certificate), asked.command)


sys.exit(main())
