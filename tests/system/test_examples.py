"""The examples print what stands beside them, and the documents quote them to the letter."""

import json
import pathlib
import re
import subprocess

import pytest

from driver.program import clean_environment, eventually, example_path, running
from driver.stored import documents

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = sorted(path.stem for path in (ROOT / "examples").glob("[0-9]*.requests"))  # they run until they are asked to end
STORING = {"6-timer": "restocking"}  # likewise, and what they have stored stands beside them; with the names of the programs
EXAMPLES = sorted(path.stem for path in (ROOT / "examples").glob("[0-9]*.cpp") if path.stem not in [*SERVICES, *STORING])
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "docs/contracts.md", "docs/services.md"]
QUOTED = re.compile(r"<!-- from (\S+) -->\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"^```(?:cpp|cmake)$", re.MULTILINE)


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
    expected = [line.split(" ", 2) for line in text_of(f"examples/{name}.expected").splitlines()]
    with running(data, program=example_path(name)) as program:
        for store, key, document in expected:
            eventually(lambda: key in documents(program.file, STORING[name], store))
            assert documents(program.file, STORING[name], store) == {key: json.loads(document)}
        assert program.end() == 0
    assert not program.errors


@pytest.mark.parametrize("name", DOCUMENTS)
def test_code_in_a_document_stands_in_a_file_that_is_compiled(name):
    text = text_of(name)
    quotes = QUOTED.findall(text)
    assert quotes and len(quotes) == len(CODE.findall(text)), "every piece of code says which file it is from"
    for source, quote in quotes:
        assert quote in text_of(source), f"{name} quotes what does not stand in {source}"


@pytest.mark.parametrize("name", DOCUMENTS + ["examples/README.md"])
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
