"""What tests/servers/aws runs."""

import sys

from driver.aws import aws
from driver.serving import arguments, serve


def main():
    parser = arguments("aws", "a server for Secrets Manager, Parameter Store and STS")
    parser.add_argument("--tls", action="store_true", help="serve https with a throw-away certificate")
    asked = parser.parse_args()
    return serve(lambda folder: aws(folder / "aws", tls=asked.tls), asked.command)


sys.exit(main())
