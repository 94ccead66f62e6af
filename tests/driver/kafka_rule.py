"""What a user of a Kafka cluster may do."""

import dataclasses

from confluent_kafka import admin as administration


@dataclasses.dataclass
class Rule:
    """What a user may do: `kind` is topic, group, cluster or transactional_id; `name` ends in * for a prefix."""
    kind: str
    name: str
    operation: str

    def binding(self, user, permission="allow"):
        prefixed = self.name.endswith("*") and self.name != "*"
        kinds, patterns = administration.ResourceType, administration.ResourcePatternType
        # The client calls the cluster what older brokers called it.
        return administration.AclBinding(
            kinds["BROKER" if self.kind == "cluster" else self.kind.upper()], self.name[:-1] if prefixed else self.name,
            patterns.PREFIXED if prefixed else patterns.LITERAL, f"User:{user}", "*",
            administration.AclOperation[self.operation.upper()], administration.AclPermissionType[permission.upper()])
