"""The API describes itself, from the tables it is made of."""

import json

from activation.http.routes import ACT_ROUTES, ROUTES
from activation.licensing.roles import MAY, Role


async def test_the_document_names_every_route_and_every_reference_leads_somewhere(client):
    response = await client.get("/openapi.json")
    assert (response.status, response.content_type) == (200, "application/json")
    document = await response.json()
    assert document["openapi"].startswith("3.1")
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described == {(method, path) for method, path, _ in ROUTES}
    schemas = document["components"]["schemas"]
    referred = {part.split('"')[0] for part in json.dumps(document).split("#/components/schemas/")[1:]}
    assert referred <= set(schemas)
    assert {"ActivationRequest", "ActivationAnswer", "Problem"} <= referred


async def test_every_route_says_in_words_what_it_does_and_who_may(client):
    document = await (await client.get("/openapi.json")).json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (method, path)
    for route in ACT_ROUTES:
        operation = document["paths"][route.path][route.method.lower()]
        assert operation["x-roles"]
        assert {"session": []} in operation["security"]
        assert ({"login": []} in operation["security"]) is (Role.END_USER in MAY[route.act])


async def test_the_page_lists_every_route_and_lets_no_script_run(client):
    response = await client.get("/docs")
    page = await response.text()
    assert response.content_type == "text/html"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    for method, path, _ in ROUTES:
        assert f"{method} {path}</td>" in page


async def test_every_route_that_takes_a_body_says_what_stands_in_it(client):
    document = await (await client.get("/openapi.json")).json()
    unsaid = []
    for route in ACT_ROUTES:
        if route.method != "POST" or route.bodiless or route.takes_text:
            continue
        content = document["paths"][route.path]["post"]["requestBody"]["content"]
        if "$ref" not in content["application/json"]["schema"]:
            unsaid.append(route.path)
    assert unsaid == []
