"""Stands in for gcloud, helm, kubectl and others: takes only commands and flags that these have (flags.json, and of programs that
do not list theirs flags-by-hand.json), records each call, and remembers what was created. Its first argument is the program that it stands for; STAND_IN names its folder."""

import json
import os
import pathlib
import sys

FOLDER = pathlib.Path(os.environ["STAND_IN"])
HERE = pathlib.Path(__file__).resolve().parent
FLAGS = {**json.loads((HERE / "flags.json").read_text()), **json.loads((HERE / "flags-by-hand.json").read_text())}
ADDRESS = "203.0.113.7"


class Refused(Exception):
    """What the program itself would refuse."""


def parse(arguments, flags):
    """The words and the flags of a command line; fails at a flag that is not among these, or that lacks its value."""
    words, found = [], {}
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or word == "-":
            words.append(word)
            continue
        name, given, value = word.partition("=")
        if name not in flags:
            raise Refused(f"unknown flag: {name}")
        if flags[name] and not given:
            if not rest:
                raise Refused(f"{name} lacks its value")
            value = rest.pop(0)
        found.setdefault(name, []).append(value)
    return words, found


def command_of(program, arguments):
    refusal = None
    for command, flags in sorted(FLAGS[program].items(), key=lambda one: -len(one[0].split())):
        try:
            words, found = parse(arguments, flags)
        except Refused as reason:
            # It may be another command's; what matters is the one whose words are there.
            if all(word in arguments for word in command.split()):
                refusal = reason
            continue
        if words[:len(command.split())] == command.split():
            return command, words[len(command.split()):], found
    raise refusal or Refused(f"unknown command: {' '.join(arguments)}")


class Cloud:
    """What exists, by the path of its collection and its name."""

    def __init__(self):
        self.file = FOLDER / "state.json"
        self.has = json.loads(self.file.read_text()) if self.file.exists() else {}

    def keep(self):
        self.file.write_text(json.dumps(self.has))

    def gcloud(self, command, words, flags):
        collection, verb = command.rsplit(" ", 1)
        name = words[0] if words else ""
        key = f"{collection}/{name}"
        if collection == "iam service-accounts" and verb == "create":
            key += f"@{flags['--project'][0]}.iam.gserviceaccount.com"
        wanted = flags.get("--format", ["value(name)"])[0]
        if (FOLDER / "forbidden").exists() and verb == "describe":
            return fail("ERROR: (gcloud) PERMISSION_DENIED: the caller may not do this")
        if verb == "describe":
            if key not in self.has:
                return fail(f"ERROR: (gcloud.{command.replace(' ', '.')}) NOT_FOUND: {name} was not found")
            print(ADDRESS if wanted == "value(address)" else name)
        elif verb == "list":
            self.list(collection, flags, wanted)
        elif verb in ("create", "update"):
            if (key in self.has) == (verb == "create"):
                return fail(f"ERROR: {key} is {'' if key in self.has else 'not '}there")
            self.has[key] = flags.get("--rrdatas", [""])[0]
        elif verb == "delete":
            if self.has.pop(key, None) is None:
                return fail(f"ERROR: NOT_FOUND: {key}")
        return 0

    def list(self, collection, flags, wanted):
        if collection == "dns record-sets":
            name = flags["--name"][0]
            if f"{collection}/{name}" in self.has:
                print(self.has[f"{collection}/{name}"] if "rrdatas" in wanted else name)
        elif flags["--filter"] == [f"IPAddress={ADDRESS}"]:
            for key in self.has:
                if key.startswith("compute forwarding-rules/left-"):
                    print(key.split("/")[1], self.has[key], sep="\t")

    def helm(self, command, words, flags):
        key = f"helm/{flags['--namespace'][0]}/{words[0]}"
        if command == "upgrade":
            if key not in self.has and "--install" not in flags:
                return fail(f"Error: {words[0]} has no deployed releases")
            self.has[key] = ""
            return 0
        for name in words:
            if self.has.pop(f"helm/{flags['--namespace'][0]}/{name}", None) is None and "--ignore-not-found" not in flags:
                return fail(f"Error: release: not found: {name}")
        return 0

    def kubectl(self, command, words, flags):
        return 0

    aws = eksctl = terraform = kubectl


def fail(reason):
    print(reason, file=sys.stderr)
    return 1


def main():
    program, *arguments = sys.argv[1:]
    try:
        command, words, flags = command_of(program, arguments)
    except Refused as reason:
        print(f"{program}: {reason}", file=sys.stderr)
        return 2
    reads = "-" in flags.get("--filename", []) or "-" in words
    with (FOLDER / "calls.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps({"program": program, "command": command, "words": words, "flags": flags, "arguments": arguments,
                              "input": sys.stdin.read() if reads else ""}) + "\n")
    cloud = Cloud()
    failing = FOLDER / "failing"
    if failing.exists() and failing.read_text() == f"{program} {command}":
        return fail(f"{program} {command} fails, as the test wants it")
    code = getattr(cloud, program)(command, words, flags)
    cloud.keep()
    return code


sys.exit(main())
