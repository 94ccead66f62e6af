import pytest

from driver import images
from driver.charts import CHARTS
from driver.kubernetes import OUTSIDE, kubernetes
from driver.mongodb import mongodb
from driver.rabbitmq import ADMIN, rabbitmq


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The image of the program. Made before the cluster, beside which names of hosts outside do not resolve."""
    return images.build(images.given(tmp_path_factory.mktemp("given")), "localhost/troupe:tested")


@pytest.fixture(scope="session")
def cluster(built, tmp_path_factory):
    with kubernetes(tmp_path_factory.mktemp("cluster")) as made:
        yield made


@pytest.fixture(scope="session")
def image(cluster, built):
    """What pods call the image of the program, in the registry."""
    name = cluster.push(built, "troupe:0.1.0")
    return ("--set", f"image.repository={name.rpartition(':')[0]},image.tag=0.1.0")


@pytest.fixture
def namespace(cluster, request):
    """A namespace of the test's own."""
    name = request.node.originalname.replace("_", "-")[5:45].rstrip("-")
    cluster.make_namespace(name)
    yield name
    cluster.remove(name)


class Platform:
    """The reference platform of 2021: each service in two pods, RabbitMQ and a MongoDB-wire server outside of the cluster."""

    namespace = "platform"

    def __init__(self, cluster, image, broker, database):
        self.cluster, self.broker, self.database = cluster, broker, database
        cluster.make_namespace(self.namespace)
        self.write_secret()
        cluster.install("demo", CHARTS / "reference-platform", self.namespace, *image,
                        "--set", f"mongodb.port={database.port},rabbitmq.port={broker.port}",
                        "--set", "service.headless=true,services.service-rev-proxy.service.headless=false")
        self.address = f"{cluster.service_address(self.namespace, 'service-rev-proxy')}:8080"

    def write_secret(self):
        """Makes or changes the Secret with what the servers' passwords are now."""
        text = {"mongodb.conn": self.database.uri(address=f"{OUTSIDE}:{self.database.port}"),
                "rabbitmq.conn": f"amqp://{ADMIN}:{self.broker.users[ADMIN]}@{OUTSIDE}:{self.broker.port}"}
        self.cluster.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "demo-connections"}, "stringData": text}, self.namespace)

    def pods(self, service=None):
        return self.cluster.pods(self.namespace, service)

    def wait_ready(self, service, count=2):
        return self.cluster.wait_ready(self.namespace, service, count)


@pytest.fixture(scope="session")
def platform(cluster, image, tmp_path_factory):
    with rabbitmq(tmp_path_factory.mktemp("rabbitmq")) as broker, mongodb(tmp_path_factory.mktemp("mongodb")) as database:
        yield Platform(cluster, image, broker, database)
        cluster.remove(Platform.namespace)
