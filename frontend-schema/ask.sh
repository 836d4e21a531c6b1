# ask WHO OPERATION [NAME=VALUE ...]: one of operations/*.graphql, in the name of one of the demo's
# people. A mutation's values are its input. Needs python3; source it at the checkout's root, with
# CHANGEGATE_PORT as the demo has it.
ask() {
  python3 -c '
import json, os, sys
from http.client import HTTPConnection

who, operation, *rest = sys.argv[1:]
tokens = dict(line.split() for line in open("var/changegate-demo.sqlite.tokens"))
document = open(f"frontend-schema/operations/{operation}.graphql").read()
given = dict(each.split("=", 1) for each in rest)
for name, value in given.items():
    try:
        given[name] = json.loads(value)
    except ValueError:
        pass  # a plain text
variables = {"input": given} if "$input" in document else given
server = HTTPConnection("localhost", int(os.environ.get("CHANGEGATE_PORT") or 8000))
server.request(
    "POST",
    "/graphql",
    json.dumps({"query": document, "variables": variables}),
    {"authorization": f"Bearer {tokens[who]}", "content-type": "application/json"},
)
print(json.dumps(json.load(server.getresponse()), ensure_ascii=False, indent=2))
' "$@"
}

# The first id in an answer.
first_id() {
  sed -n 's/.*"id": "\([^"]*\)".*/\1/p' | head -n 1
}
