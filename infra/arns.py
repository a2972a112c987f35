"""ARNs by name, as texts with CloudFormation's pseudo parameters: `${AWS::Region}`, `${UsersTable.StreamArn}`.

A template wraps such a text in `Fn::Sub`; what `chalice deploy` hands to IAM raw has it filled in beforehand.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chalicelib.core.names import Names

_HERE = "${AWS::Region}:${AWS::AccountId}"


class Arns:
    """The ARNs of one stage's resources, by the short names of `core.names`."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def table(self, name: str) -> str:
        return f"arn:${{AWS::Partition}}:dynamodb:{_HERE}:table/{self._names.of(name)}"

    def index(self, table: str, index: str) -> str:
        return f"{self.table(table)}/index/{index}"

    def stream(self, table: str) -> str:
        return f"${{{logical(table)}Table.StreamArn}}"

    def queue(self, name: str) -> str:
        return f"arn:${{AWS::Partition}}:sqs:{_HERE}:{self._names.of(name)}"

    def topic(self, name: str) -> str:
        return f"arn:${{AWS::Partition}}:sns:{_HERE}:{self._names.of(name)}"

    def bucket(self, name: str, objects: str = "") -> str:
        """The bucket, or with `objects` (`imports/*`) the objects under that prefix."""
        arn = f"arn:${{AWS::Partition}}:s3:::{self._names.bucket(name, '${AWS::AccountId}', '${AWS::Region}')}"
        return f"{arn}/{objects}" if objects else arn

    def secret(self, name: str) -> str:
        """Secrets Manager appends six random characters to a secret's name in its ARN."""
        return f"arn:${{AWS::Partition}}:secretsmanager:{_HERE}:secret:{self._names.of(name)}-??????"

    def function(self, name: str) -> str:
        function = self._names.api if name == "api_handler" else self._names.of(name)
        return f"arn:${{AWS::Partition}}:lambda:{_HERE}:function:{function}"

    def state_machine(self, name: str) -> str:
        return f"arn:${{AWS::Partition}}:states:{_HERE}:stateMachine:{self._names.of(name)}"

    def executions(self, name: str) -> str:
        return f"arn:${{AWS::Partition}}:states:{_HERE}:execution:{self._names.of(name)}:*"

    def log_group(self, function: str) -> str:
        return f"arn:${{AWS::Partition}}:logs:{_HERE}:log-group:{log_group_name(self._names, function)}:*"

    def kinesis(self, name: str) -> str:
        return f"arn:${{AWS::Partition}}:kinesis:{_HERE}:stream/{self._names.of(name)}"

    def alarms(self) -> str:
        """Every alarm of the account and region: CloudWatch asks for the permission to describe all of them, whichever
        are named."""
        return f"arn:${{AWS::Partition}}:cloudwatch:{_HERE}:alarm:*"

    def rules(self) -> str:
        """Every rule of the account and region: CloudFormation names ours, and shortens the names."""
        return f"arn:${{AWS::Partition}}:events:{_HERE}:rule/*"

    def mail_identity(self) -> str:
        return f"arn:${{AWS::Partition}}:ses:{_HERE}:identity/${{MailDomain}}"

    def mail_configuration(self) -> str:
        return f"arn:${{AWS::Partition}}:ses:{_HERE}:configuration-set/{self._names.of('mail')}"


def log_group_name(names: Names, function: str) -> str:
    return f"/aws/lambda/{names.api if function == 'api_handler' else names.of(function)}"


def logical(name: str) -> str:
    """The CamelCase of a short name or Python name, as Chalice makes logical ids: `on_user_change`, `user-events`."""
    return "".join(part.capitalize() for part in re.split(r"[-_]", name))


def sub(text: str) -> Any:
    """A text as CloudFormation takes it: `Fn::Sub` where it holds a `${…}`."""
    return {"Fn::Sub": text} if "${" in text else text


def filled(text: str, values: dict[str, str]) -> str:
    """A text with every `${…}` replaced. Raises KeyError for one that `values` does not hold."""
    return re.sub(r"\$\{([^}]+)\}", lambda found: values[found[1]], text)
