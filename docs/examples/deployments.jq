# Joins the tags of packages with what each moved of one component, as `import deployments` reads it:
# jq -cn --slurpfile moved moves.jsonl -f deployments.jq tags.jsonl > deployments.jsonl
($moved | map({key: .package, value: .}) | from_entries) as $by_package
| inputs
| select(.kind == "auto_deploy")
| {
    environment: "gitlab.com",
    service: "gitlab",
    name: "omnibus",
    label: .tag,
    commit,
    built_at: .tag_date,
    deployed_at: .tag_date,
    components: (.components | with_entries(select(.value))),
    moves: [
      $by_package[.tag] // empty
      | {
          component,
          before: .from,
          after: .to,
          direction: (.direction // "unknown"),
          waits: [.merge_requests[].wait_seconds]
        }
    ]
  }
