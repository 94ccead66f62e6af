"""The examples print what stands beside them, and the documents quote them to the letter."""

import json
import pathlib
import re
import subprocess

import pytest

from driver.program import clean_environment, eventually, example_path, running
from driver.stored import dead_letters, documents

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = sorted(path.stem for path in (ROOT / "examples").glob("[0-9]*.requests"))  # they run until they are asked to end
# Likewise, and what they have stored and set aside stands beside them; with the names of the programs.
STORING = {"5-consumer": "archive", "6-timer": "restocking", "9-codec": "sensors"}
WITH_SERVERS = ["8-worker"]  # tests/system/test_shop.py runs it beside the shop
EXAMPLES = sorted(path.stem for path in (ROOT / "examples").glob("[0-9]*.cpp")
                  if path.stem not in [*SERVICES, *STORING, *WITH_SERVERS])
# At most so many lines, without includes, comments and empty ones.
LINES = {"5-consumer.cpp": 25, "7-rest.cpp": 30, "shop/shop.cpp": 120, "shop/shop.yaml": 40}
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "docs/contracts.md", "docs/guide.md", "docs/services.md"]
QUOTED = re.compile(r"<!-- from (\S+) -->\n```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"^```(?:cpp|cmake|proto)$", re.MULTILINE)


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


def fields_that_stay(greetings):
    return [(one["service"], one["message"]) for one in greetings]


def test_there_are_examples():
    assert len(EXAMPLES) >= 3


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_prints_what_stands_beside_it(name, tmp_path):
    ran = subprocess.run([example_path(name)], env=clean_environment(), cwd=tmp_path, timeout=30, capture_output=True, text=True,
                         check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, text_of(f"examples/{name}.expected"), "")


@pytest.mark.parametrize("name", SERVICES)
def test_an_example_of_services_answers_as_stands_beside_it(name, data):
    answered = ""
    with running(data, program=example_path(name)) as program:
        for line in text_of(f"examples/{name}.requests").splitlines():
            method, path, *body = line.split(" ", 2)
            answer = program.get(path, method=method, body="".join(body).encode() or None)
            answered += f"{answer.status} {answer.text()}\n"
        assert program.end() == 0
    assert answered == text_of(f"examples/{name}.expected") and not program.errors


@pytest.mark.parametrize("name", STORING)
def test_an_example_of_services_stores_what_stands_beside_it(name, data):
    topology = ROOT / f"examples/{name}.yaml"
    expected = text_of(f"examples/{name}.expected").splitlines()
    stores = sorted({line.split(" ")[0] for line in expected} - {"dead"})

    def effects():
        stored = [f"{store} {json.dumps(one, separators=(',', ':'))}" for store in stores
                  for one in documents(program.file, STORING[name], store).values()]
        return stored + [f"dead letter {error} {payload if isinstance(payload, str) else payload.decode()}"
                         for _, _, error, _, payload in dead_letters(program.file)]

    with running(data, *([str(topology)] if topology.exists() else []), program=example_path(name)) as program:
        eventually(lambda: len(effects()) >= len(expected))
        assert sorted(effects()) == sorted(expected)
        assert program.end() == 0
    assert not program.errors


@pytest.mark.parametrize("name", LINES)
def test_an_example_is_as_short_as_it_says(name):
    lines = [line.strip() for line in text_of(f"examples/{name}").splitlines()]
    assert len([line for line in lines if line and not line.startswith(("//", "#"))]) <= LINES[name]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_code_in_a_document_stands_in_a_file_that_is_compiled(name):
    text = text_of(name)
    quotes = QUOTED.findall(text)
    of_code = [language for _, language, _ in quotes if language != "yaml"]
    assert quotes and len(of_code) == len(CODE.findall(text)), "every piece of code says which file it is from"
    for source, _, quote in quotes:
        assert quote in text_of(source), f"{name} quotes what does not stand in {source}"


@pytest.mark.parametrize("name", DOCUMENTS + ["docs/delivery.md", "examples/README.md"])
def test_a_document_links_only_to_what_is_there(name):
    prose = re.sub(r"^```.*?^```$", "", text_of(name), flags=re.DOTALL | re.MULTILINE)
    links = re.findall(r"\]\((?!https?:)([^)#]+)", prose)
    assert links
    for link in links:
        assert (ROOT / name).parent.joinpath(link).exists(), f"{name} links to {link}"


def test_every_guarantee_names_tests_that_are_there():
    rows = re.findall(r"^\| (.+) \|$", text_of("docs/guarantees.md"), re.MULTILINE)
    named = [re.findall(r"`([^`]+)`", row.rsplit(" | ", 1)[-1]) for row in rows if not row.startswith("Promise")]
    assert len(named) > 50 and all(named), "every promise has a test"
    sources = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests").rglob("*"))
                      if path.suffix in (".cpp", ".hpp", ".py"))
    for name in {name for row in named for name in row}:
        assert f"def {name}(" in sources or f"_TEST({name})" in sources, f"a guarantee names '{name}'"


def test_the_folder_map_names_what_is_there():
    folders = re.findall(r"^\| `([\w/-]+/)` \|", text_of("README.md"), re.MULTILINE)
    assert {"messages/", "policies/", "actors/", "bridges/", "deploy/", "docs/", "tests/", "examples/"} <= set(folders)
    for folder in folders:
        assert (ROOT / folder).is_dir(), f"the README names {folder}"


def test_the_answer_in_the_readme_is_the_programs_own(start):
    shown = re.search(r"^\$ curl localhost:8080/api/v1/greeting\n(.*?)^```$", text_of("README.md"), re.DOTALL | re.MULTILINE)
    answer = start().get("/api/v1/greeting").json()
    assert fields_that_stay(json.loads(shown[1])["greeting"]) == fields_that_stay(answer["greeting"])
