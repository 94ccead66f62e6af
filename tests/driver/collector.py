"""A collector of traces on loopback, over gRPC and HTTP, which keeps every span that it gets."""

import contextlib
import http.server
import threading
from concurrent import futures

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as service_grpc

from .program import eventually

KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"]


class Span:
    """A span, with the attributes of its resource."""

    def __init__(self, resource, sent):
        self.resource = _values(resource.attributes)
        self.service = self.resource["service.name"]
        self.name, self.kind = sent.name, KINDS[sent.kind]
        self.trace, self.id, self.parent = sent.trace_id.hex(), sent.span_id.hex(), sent.parent_span_id.hex()
        self.attributes = _values(sent.attributes)
        self.links = [(each.trace_id.hex(), each.span_id.hex()) for each in sent.links]
        self.failed, self.reason = sent.status.code == 2, sent.status.message
        self.began, self.ended = sent.start_time_unix_nano, sent.end_time_unix_nano
        self.text = str(resource) + str(sent)

    def __repr__(self):
        return f"{self.service}: {self.name} ({self.kind}) {self.attributes}{' FAILED ' + self.reason if self.failed else ''}"


def _values(attributes):
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}


class Collector(service_grpc.TraceServiceServicer):
    def __init__(self):
        self.requests = []
        self.headers = []
        self._spans = []
        self._guard = threading.Lock()

    def take(self, request, headers):
        with self._guard:
            self.requests.append(len(request.resource_spans))
            self.headers.append({name.lower(): value for name, value in headers})
            for of in request.resource_spans:
                for scope in of.scope_spans:
                    self._spans.extend(Span(of.resource, each) for each in scope.spans)

    def Export(self, request, context):  # noqa: N802: the contract's name
        self.take(request, context.invocation_metadata())
        return service.ExportTraceServiceResponse()

    @property
    def spans(self):
        with self._guard:
            return list(self._spans)

    def trace(self, trace):
        return [each for each in self.spans if each.trace == trace]

    def wait_for(self, trace, condition, within=20.0, awaited="the spans"):
        """The spans of a trace, once the condition holds of them."""
        def found():
            spans = self.trace(trace)
            return spans if condition(spans) else None
        try:
            return eventually(found, within, awaited)
        except AssertionError as late:
            raise AssertionError("\n".join([str(late), *map(str, self.trace(trace))])) from None


@contextlib.contextmanager
def collecting(protocol="grpc", port=0):
    """A collector, and the variables with which a program exports to it at once."""
    collector = Collector()
    with (_over_grpc if protocol == "grpc" else _over_http)(collector, port) as url:
        collector.url = url
        collector.env = {"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
                         "OTEL_BSP_SCHEDULE_DELAY": "50"}
        yield collector


@contextlib.contextmanager
def _over_grpc(collector, port):
    server = grpc.server(futures.ThreadPoolExecutor(2))
    service_grpc.add_TraceServiceServicer_to_server(collector, server)
    port = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop(0).wait()


@contextlib.contextmanager
def _over_http(collector, port):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):  # noqa: N802: the library's name
            body = self.rfile.read(int(self.headers["Content-Length"]))
            right = self.path == "/v1/traces" and self.headers["Content-Type"] == "application/x-protobuf"
            if right:
                collector.take(service.ExportTraceServiceRequest.FromString(body), self.headers.items())
            answer = service.ExportTraceServiceResponse().SerializeToString()
            self.send_response(200 if right else 404)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
