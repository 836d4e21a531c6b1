"""The triggers of the first revision: they make the log append-only, whoever connects."""

from __future__ import annotations

ONLY_EMPTIED = (
    "new.position <> old.position or new.name <> old.name or new.commitment <> old.commitment "
    "or new.salt is not null or new.content is not null or old.name = 'sealed'"
)
"""What an update of a part must not be: anything but the emptying that an erasure does."""

SQLITE = """
create trigger events_keep_update before update on events
begin select raise(abort, 'events are append-only'); end;

create trigger events_keep_delete before delete on events
begin select raise(abort, 'events are append-only'); end;

create trigger event_parts_keep_delete before delete on event_parts
begin select raise(abort, 'parts are append-only'); end;

create trigger event_parts_keep_update before update on event_parts when {only_emptied}
begin select raise(abort, 'a part can only be emptied'); end;

create trigger head_keep_delete before delete on head
begin select raise(abort, 'a log has one head'); end
"""
POSTGRESQL = """
create function changegate_append_only() returns trigger language plpgsql as
$$ begin raise exception '% is append-only', tg_table_name; end $$;

create function changegate_part_emptied() returns trigger language plpgsql as
$$ begin if {only_emptied} then raise exception 'a part can only be emptied'; end if;
return new; end $$;

create trigger events_keep before update or delete on events
for each row execute function changegate_append_only();

create trigger events_keep_all before truncate on events
for each statement execute function changegate_append_only();

create trigger event_parts_keep before delete on event_parts
for each row execute function changegate_append_only();

create trigger event_parts_keep_all before truncate on event_parts
for each statement execute function changegate_append_only();

create trigger event_parts_keep_update before update on event_parts
for each row execute function changegate_part_emptied();

create trigger head_keep before delete on head
for each row execute function changegate_append_only();

create trigger head_keep_all before truncate on head
for each statement execute function changegate_append_only()
"""


def statements(dialect: str) -> list[str]:
    """The statements that make the log append-only on a dialect, one at a time."""
    text = POSTGRESQL if dialect == "postgresql" else SQLITE
    whole = text.replace("{only_emptied}", ONLY_EMPTIED)
    return [each.strip() for each in whole.split(";\n\n")]
