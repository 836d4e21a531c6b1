# ask WHO OPERATION [NAME=VALUE ...]: one of operations/*.graphql, in the name of one of the demo's
# people. A mutation's values are its input. Needs curl and python3; source it at the checkout's root,
# with CHANGEGATE_PORT as the demo has it.
ask() {
  ask_token=$(sed -n "s/^$1 //p" var/changegate-demo.sqlite.tokens)
  shift
  python3 -c '
import json, sys

document = open(f"frontend-schema/operations/{sys.argv[1]}.graphql").read()
given = dict(each.split("=", 1) for each in sys.argv[2:])
for name, value in given.items():
    try:
        given[name] = json.loads(value)
    except ValueError:
        pass  # a plain text
variables = {"input": given} if "$input" in document else given
print(json.dumps({"query": document, "variables": variables}))
' "$@" | curl -sS "http://localhost:${CHANGEGATE_PORT:-8000}/graphql" --data-binary @- \
    -H "authorization: Bearer $ask_token" -H "content-type: application/json" |
    python3 -m json.tool --no-ensure-ascii --indent 2
}

# The first id in an answer.
first_id() {
  sed -n 's/.*"id": "\([^"]*\)".*/\1/p' | head -n 1
}
