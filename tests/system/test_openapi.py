"""Descriptions of REST surfaces, read by a validator that is not ours."""

import json
import pathlib

import pytest
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import OpenAPIV30SpecValidator

GOLDEN = pathlib.Path(__file__).parents[1] / "unit" / "messages" / "contracts" / "golden"


@pytest.fixture(name="description")
def read_description():
    return json.loads((GOLDEN / "library.openapi.json").read_text())


def schema_of(description, name):
    """A schema with all that it may refer to."""
    return {"$ref": f"#/components/schemas/{name}", "components": description["components"]}


def test_the_description_of_a_contract_with_every_feature_is_valid(description):
    assert [str(each) for each in OpenAPIV30SpecValidator(description).iter_errors()] == []


def test_answers_fit_their_schemas(description):
    validator = OAS30Validator(schema_of(description, "Values"))
    for answer in json.loads((GOLDEN / "values.json").read_text()):
        assert [str(each) for each in validator.iter_errors(answer)] == []


@pytest.mark.parametrize("wrong", [{"anInt32": "7"}, {"anInt64": 7}, {"anEnum": "PROSE"}, {"numbers": 1}, {"aDuration": "1"},
                                   {"byName": {"x": {"code": "a", "number": "1"}}}, {"first": "a", "second": "b"}])
def test_what_the_service_refuses_does_not_fit_the_schema(description, wrong):
    assert list(OAS30Validator(schema_of(description, "Values")).iter_errors(wrong))
