"""The recipe of an HTTP API, as CloudFormation makes it of its template: API Gateway checks tokens by what a stage
publishes."""

from __future__ import annotations

import pytest
import yaml

from tests.unit.docs.markdown import ROOT
from tools.template_rules.translation import translated

TEMPLATE = ROOT / "examples" / "sign_in" / "http_api" / "template.yaml"


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms, as `!Ref`."""


_Loader.add_constructor("!Ref", lambda loader, node: {"Ref": loader.construct_scalar(node)})
_Loader.add_constructor("!Sub", lambda loader, node: {"Fn::Sub": loader.construct_scalar(node)})


@pytest.mark.slow
def test_the_http_api_takes_tokens_of_the_issuer_for_its_own_audience_with_its_scope():
    template = yaml.load(TEMPLATE.read_text("utf-8"), _Loader)
    template["Resources"]["Hello"]["Properties"].pop("InlineCode")  # which `translated` replaces by a file
    resources = translated(template)["Resources"]
    document = resources["Api"]["Properties"]["Body"]
    scheme = document["components"]["securitySchemes"]["Rollcall"]
    authorizer = scheme["x-amazon-apigateway-authorizer"]
    assert authorizer["jwtConfiguration"] == {"issuer": {"Ref": "Issuer"}, "audience": [{"Ref": "Audience"}]}
    assert (authorizer["type"], authorizer["identitySource"]) == ("jwt", "$request.header.Authorization")
    assert document["paths"]["/hello"]["get"]["security"] == [{"Rollcall": ["notes:read"]}]
