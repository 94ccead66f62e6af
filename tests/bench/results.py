#!/usr/bin/env python3
"""Makes one table of the figures on stdin, and with --write tests/bench/RESULTS.md of it.

results.py [--write COMMAND]
"""

import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
OPERATORS = {"<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b}
COLUMNS = ("Figure", "Ours", "Anchor", "Ratio", "Spread of the rounds", "Target", "Met")


def number(value):
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def row(figure):
    """The medians over the rounds; the ratio is the median of the rounds' own ratios."""
    ours, anchor, target = figure["ours"], figure["anchor"], figure["target"]
    ratios = [mine / raw for mine, raw in zip(ours, anchor, strict=True)] if anchor else []
    judged = {"ratio": ratios, "value": ours}
    shown, met = ratios or ours, ""
    if target:
        of, operator, bound = target.split()
        shown = judged[of]
        met = "yes" if OPERATORS[operator](statistics.median(shown), float(bound)) else "**no**"
        target = f"{of} {operator} {bound}"
    spread = f"{number(min(shown))} to {number(max(shown))} in {len(shown)}" if len(shown) > 1 else ""
    return (figure["name"], f"{number(statistics.median(ours))} {figure['unit']}",
            f"{number(statistics.median(anchor))} {figure['unit']}" if anchor else "",
            number(statistics.median(ratios)) if ratios else "", spread, target, met)


def table(rows):
    widths = [max(len(line[column]) for line in [COLUMNS, *rows]) for column in range(len(COLUMNS))]
    lines = [COLUMNS, tuple("-" * width for width in widths), *rows]
    return "\n".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in lines)


def said(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=HERE).stdout.strip()


def machine():
    processor = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())[1]) // 1024 // 1024
    changed = said("git", "status", "--porcelain", "--untracked-files=no", "--", "..", "../..") != ""
    return [
        ("Date", datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")),
        ("Commit", said("git", "rev-parse", "--short=12", "HEAD") + (" with changes" if changed else "")),
        ("Processor", f"{processor[1] if processor else platform.machine()}, {os.cpu_count()} cores, {memory} GiB"),
        ("Kernel", platform.release()),
        ("Compiler", said("g++", "--version").splitlines()[0] + ", preset `release` (-O2 -DNDEBUG)"),
        ("Load", f"{os.environ.get('TROUPE_BENCH_LOAD', 'unknown')}, averaged over the minute before the first figure"),
        ("SQLite", said("sqlite3", "--version").split()[0]),
        ("librdkafka", said("pkg-config", "--modversion", "rdkafka")),
    ]


EXPLANATION = """\
Each figure stands beside a raw anchor that ran in the same rounds, in turn with it, on the same machine and disk. *Ours* and
*Anchor* are medians over the rounds; *Ratio* is the median of the rounds' own ratios (ours / anchor), so that a machine that
becomes slower between rounds does not count. A figure without an anchor stands for itself.

- *Supervised request and response*: 25 requesters with one request under way each, on as many workers as there are cores,
  one actor that answers, a finite timeout. Ours goes through a supervisor's handle to a supervised actor whose time and
  mailbox are measured; the anchor is the same two actors in plain CAF.
- *Embedded*: 200-byte messages in publishes of 100, 16 publishes under way, through a supervised publisher, subscription and
  a trivial handler, until the last settlement is durable. The anchor inserts the same ids and bytes in transactions of 100
  rows (write-ahead log, `synchronous=FULL`). Where a sync costs much, ours gains by putting several publishes into one;
  *in memory* is the same on a file system where it costs nothing, and shows the work alone. *Publish to handler* is one
  message at a time, 10 ms apart; its anchor is the commit of one row, before which no message can be handed out.
- *AMQP*: 200-byte persistent messages and a durable quorum queue of a RabbitMQ on the same machine, in publishes of 100, at
  most 500 not confirmed; then consumed with a prefetch of 100 and acknowledged by 50, from the first delivery to the end of
  the connection, with which the broker has taken the last acknowledgement. The anchor is bare rabbitmq-c on one thread with
  the same window, prefetch and acknowledgements. Both mostly wait for the broker, which writes acknowledgements to its disk
  too. *AMQP to MongoDB*: from the time at which a message was to leave, on a steady schedule, through publisher, queue,
  consumer, recorder and db_writer until its document is durable; the anchor is a bare publisher that waits for each
  confirm, and a bare consumer that inserts each message with libmongoc and acknowledges it.
- *MongoDB*: 20,000 greetings, each a write of its own, 1,000 of which are under way, through a db_writer and the store; the
  anchor inserts the same documents with libmongoc in unordered bulks of 500, the db_writer's own size. Both wait for a
  majority. The server runs on the same cores and does most of the work.
- *Chain*: `wrk -t1 -c25 -d10s --latency` on `/api/v1/greeting`. *With effects* is the platform of 2019; its anchor is a bare
  Beast server on one I/O thread that does the same five inserts and one delete for each request, all waiting requests in
  one transaction, and answers when the first four are durable. *Without effects* publishes and stores nothing; its anchor
  answers the same bytes. The load generator runs on the same cores.
- *Traced*: the chain without effects once more, with 1 % of the calls sampled and with all; its anchor is the same program that
  makes no spans. They are exported over HTTP to a listener on the same cores that takes them unread. At this rate far more is
  sampled than can be exported beside the work: the calls that are left out stand beside it.
- *Process*: the program with all its built-in services.
- *Operator's page*: the same, with ten calls a second; the processor time of the program while a view is open in Chromium on the same
  cores, less that of the same round without one.
- *One service over gRPC*: 25 calls under way at once on one channel, `service-h` in a process of its own, without effects;
  its anchor is a bare callback server of the same contract. *Chain of processes*: the same load on `service-a` with the six
  services behind it in processes of their own; its anchor is the same chain of bare callback servers whose stubs fan out
  equally. Calls that a peer had not begun when it left are sent again by gRPC in the anchor, as is its default, and by an
  actor in ours.
- *Contract*: that of 2019 with a handler as a service author writes it, under the same load over gRPC, against the bare callback
  server; *coroutine against callback* has the same handler as an actor written by hand for its anchor. *Through REST* is
  `wrk -t1 -c25 -d5s` on its route: *before its gRPC server* our HTTP listener with a client of the bare callback server behind it,
  against a bare Beast server on one I/O thread with a bare callback stub and protobuf's JSON by hand; *in one process* the handler
  itself behind the listener, against the same Beast server that makes the answer itself.
- *Kafka*: 200-byte messages with an id, a topic of 3 partitions, one real broker on the same cores. The anchors are bare
  clients of librdkafka with the properties that ours set. *Publish to acknowledged*: publishes of 100, 400 of them under
  way, idempotent and acknowledged by all replicas; the anchor is one thread with as many messages under way. *Consume to
  settled*: from the first delivery of a topic that was filled before, through a supervised subscription and a trivial
  handler, to the last commit; the anchor's one thread counts the messages and commits by the same rule, and *commits
  meanwhile* reports how often both did. *An author's type*: the same with a protobuf message that is decoded, by a typed handler and
  by the anchor's thread. *At 1,000 messages/s*: from the time at which a message was to leave, on a steady
  schedule, to its handler, with the client's own pauses for batching (`linger.ms=5`) on both sides. *Memory*: the program
  stores a topic of a million messages that was filled before, and is sampled ten times a second; *its growth* is from the median of
  the first half's samples to that of the second, because single samples swing by what the client has fetched.
"""


def main(arguments):
    text = table([row(json.loads(line)) for line in sys.stdin if line.strip()])
    print(text)
    if arguments[:1] == ["--write"]:
        facts = "\n".join(f"- {name}: {value}" for name, value in [*machine(), ("Command", f"`{arguments[1]}`")])
        HERE.joinpath("RESULTS.md").write_text(f"# Figures\n\n{facts}\n\n{text}\n\n{EXPLANATION}")


if __name__ == "__main__":
    main(sys.argv[1:])
