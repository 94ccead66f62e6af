"""What TROUPE_TEST_AWS_FILL runs for tests that are no Python: a member of driver.aws.Filling with its arguments. A text
`@-` is read from standard input. Prints what it returns, a word per line."""

import sys

from driver.aws import running

answer = getattr(running(), sys.argv[1])(*(sys.stdin.read() if word == "@-" else word for word in sys.argv[2:]))
print(*(answer or ()), sep="\n")
