"""The reference page, `/docs`: what its readers look for first stands first."""

import re

from flask import Flask

from api.documents.asyncapi import asyncapi_document
from api.documents.reference import reference_page
from tests.conformance import openapi
from tests.server import ROOT


def test_page_lists_rooms_polls_and_auth_first_then_the_other_tags_by_name() -> None:
    app = Flask("api", template_folder=ROOT / "api" / "templates")
    tags = {each["tags"][0] for path in openapi()["paths"].values() for each in path.values()}

    with app.app_context():
        page = reference_page(openapi(), asyncapi_document())

    expected = ["rooms", "polls", "auth", *sorted(tags - {"rooms", "polls", "auth"})]
    assert re.findall('<a href="#tag-([^"]+)">', page) == expected
    assert re.findall('<h2 id="tag-([^"]+)">', page) == expected
