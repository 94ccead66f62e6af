"""A program calls a contract of another process over HTTP and JSON: one of Troupe's, and one of somebody else's."""

import contextlib
import http.server
import json
import pathlib
import threading
import urllib.parse

import pytest

from driver.program import example_path, program_path, run_once, running

TOPOLOGY = """
services:
  guide: {}
  forecasts: {address: "%s", peer: %s}
"""
GUIDE = pathlib.Path(program_path()).parent / "guide"


@pytest.fixture(name="guide_to")
def starts_the_guide(tmp_path):
    with contextlib.ExitStack() as programs:
        def start(address, peer="troupe"):
            file = tmp_path / "travel.yaml"
            file.write_text(TOPOLOGY % (address, peer))
            return programs.enter_context(running(tmp_path / "guide", str(file), "--grpc", "127.0.0.1:0", program=GUIDE))
        yield start


class Weather(http.server.BaseHTTPRequestHandler):
    """A server of forecasts that knows nothing of Troupe. What it answers stands in `answers` of its server, by turns."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        size = int(self.headers.get("Content-Length", 0))
        self.server.asked.append((self.command, self.path, self.headers, self.rfile.read(size)))
        status, body = self.server.answers.pop(0)
        if status is None:
            self.close_connection = True
            return
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = answer

    def log_message(self, *_words):
        pass


@pytest.fixture(name="weather")
def serves_weather():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Weather) as server:
        server.asked, server.answers = [], []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


def address_of(weather):
    return f"http://127.0.0.1:{weather.server_port}/api"


def test_a_contract_of_another_troupe_program_is_called_over_http(guide_to, data):
    with running(data, program=example_path("7-rest")) as forecasts:
        guide = guide_to(f"http://{forecasts.http}")
        unknown = guide.get("/v1/forecasts/Bergen")
        assert (unknown.status, unknown.json()) == (404, {"code": 5, "message": "where is Bergen?", "details": []})
        forecast = {"place": "Bergen / Årstad?", "sky": "rain", "celsius": [7, 6.5]}
        path = "/v1/forecasts/" + urllib.parse.quote(forecast["place"], safe="")
        put = guide.get(path, method="PUT", body=json.dumps(forecast).encode())
        assert (put.status, put.json()) == (200, forecast)
        assert forecasts.get(path).json() == guide.get(path).json() == forecast
        assert guide.end() == 0
        assert forecasts.end() == 0


def test_a_contract_of_somebody_elses_server_is_called_over_http(guide_to, weather):
    guide = guide_to(address_of(weather))
    weather.answers = [(200, {"place": "Åre", "sky": "snow", "humidity": 80}), (200, {})]
    identity = "0f8fad5b-d9cb-469f-a165-70867728950e"
    assert guide.get("/v1/forecasts/%C3%85re%2F1", {"Troupe-Call-Id": identity}).json() == {"place": "Åre", "sky": "snow"}
    guide.get("/v1/forecasts/x", method="PUT", body=b'{"sky": "\\u00e5"}')
    (get, path, headers, body), (put, put_path, put_headers, put_body) = weather.asked
    assert (get, path, body) == ("GET", "/api/v1/forecasts/%C3%85re%2F1", b"")
    assert headers["traceparent"] or headers["x-b3-traceid"]
    assert headers["Troupe-Timeout"]
    assert (put, put_path, json.loads(put_body)) == ("PUT", "/api/v1/forecasts/x", {"sky": "å"})
    assert put_headers["Content-Type"] == "application/json"
    assert guide.end() == 0


def test_errors_of_somebody_elses_server_come_back_with_their_details(guide_to, weather):
    guide = guide_to(address_of(weather))
    detail = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"field": "place", "description": "no"}]}
    status = {"code": 3, "message": "where?", "details": [detail]}
    weather.answers = [(400, status), (404, {"error": "no such page"}), (418, "a teapot")]
    refused = guide.get("/v1/forecasts/a")
    assert (refused.status, refused.json()) == (400, status)
    missing = guide.get("/v1/forecasts/a")
    assert (missing.status, missing.json()["code"]) == (404, 5)
    strange = guide.get("/v1/forecasts/a")
    assert (strange.status, strange.json()["code"]) == (400, 9)
    assert len(weather.asked) == 3
    assert guide.end() == 0


@pytest.mark.parametrize("peer", ["troupe", "reference"])
def test_a_call_is_repeated_only_where_it_may_be(guide_to, weather, peer):
    guide = guide_to(address_of(weather), peer)
    weather.answers = [(None, None), (200, {"sky": "sun"})]
    answer = guide.get("/v1/forecasts/a")
    if peer == "troupe":
        assert (answer.status, answer.json()) == (200, {"sky": "sun"})
        first, second = (headers["Troupe-Call-Id"] for _, _, headers, _ in weather.asked)
        assert first == second
    else:
        assert answer.status == 503
        assert len(weather.asked) == 1
    assert guide.end() == 0


def test_a_breaker_opens_in_front_of_a_server_that_keeps_failing(guide_to, weather):
    guide = guide_to(address_of(weather), "reference")
    weather.answers = [(503, {})] * 50
    for _ in range(50):
        guide.get("/v1/forecasts/a")
    assert len(weather.asked) < 50
    assert guide.metric("troupe_outbound_breaker_state") == 2
    assert guide.end() == 0


def test_a_contract_without_routes_is_not_called_over_http(tmp_path):
    file = tmp_path / "shop.yaml"
    file.write_text("services: {stock: {address: 'http://127.0.0.1:1'}, orders: {}, shipping: {}}\n")
    checked = run_once("check", str(file), "--service", "orders", program=example_path("shop"))
    assert checked.returncode == 2
    assert "shop.cpp:" in checked.stderr and "no method of shop.Stock has a google.api.http option" in checked.stderr
