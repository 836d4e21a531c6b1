"""The writer: what is done, refused, denied, absent or failed, and that retries are harmless."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from domain.kernel import OPERATOR
from ledger.request import Status
from tests.ledger.ground import ANNA, BEN, MUTE, REGISTRY, TABLES, Ground, codes, done, lay, request
from tests.ledger.shelf import Book

DUE = datetime(2027, 1, 31, 12, tzinfo=UTC)


def test_what_is_done_is_in_the_log_and_in_the_snapshot(ground: Ground) -> None:
    book = ground.book(owner="Bob Ünderwood")
    answer = done(ground.submit("book.lend", book, seen=1, due=DUE, tags=["a", "b"]))
    state = ground.get(Book, book)
    assert (state.owner, state.lent, state.due, state.tags) == (
        "Bob Ünderwood",
        True,
        DUE,
        ("a", "b"),
    )
    assert (state.version, answer.version) == (2, 2)
    assert answer.position == ground.size() - 1
    assert answer.checkpoint is not None


def test_derived_columns_and_rows_follow_the_state(ground: Ground) -> None:
    book = ground.book()
    done(ground.submit("book.lend", book, seen=1, due=DUE, tags=["a", "b"]))
    snapshot, rows = TABLES.snapshots["book"], TABLES.rows["book_tags"]
    with ground.reader.connection() as connection:
        tagged = connection.execute(select(snapshot.c.tagged)).scalar_one()
        tags = connection.execute(select(rows.c.tag).order_by(rows.c.ordinal)).scalars().all()
    assert (tagged, tags) == (2, ["a", "b"])


def test_a_refusal_writes_nothing(ground: Ground) -> None:
    book = ground.book()
    done(ground.submit("book.lend", book, seen=1, due=DUE))
    before = ground.size()
    answer = ground.submit("book.lend", book, seen=2, due=DUE)
    assert (answer.status, codes(answer)) == (Status.REFUSED, ["lent_already"])
    assert ground.size() == before


def test_one_request_yields_so_much_and_no_more(ground: Ground) -> None:
    book = ground.book()
    for action, most in (("book.annotate", 500), ("book.transcribe", 2_000)):
        before = ground.size()
        assert codes(ground.submit(action, book, times=most + 1)) == ["too_many_events"]
        assert ground.size() == before
        asked = request(action, book, times=most)
        done(ground.writer.submit(asked))
        assert ground.size() == before + most
        [stored] = ground.writer.database.recorded([asked.id]).values()
        assert len(stored) == most, "all of it is found again when a connection was lost"


def test_an_unknown_subject_an_unknown_action_and_a_taken_id(ground: Ground) -> None:
    book = ground.book()
    assert ground.submit("book.note", "nowhere", text="x").status is Status.ABSENT
    assert codes(ground.submit("book.burn", book)) == ["unknown_action"]
    assert codes(ground.submit("book.shelve", book, title="Twin")) == ["already_exists"]


@pytest.mark.parametrize(
    "arguments",
    [{}, {"text": 1}, {"text": "x", "more": 1}, {"txt": "x"}],
    ids=["missing", "wrong type", "too many", "misspelt"],
)
def test_arguments_of_another_shape_are_refused(
    ground: Ground, arguments: dict[str, object]
) -> None:
    answer = ground.submit("book.note", ground.book(), **arguments)
    assert codes(answer) == ["malformed_arguments"]


def test_of_a_nul_character_it_is_told_where_it_stands(ground: Ground) -> None:
    answer = ground.submit("book.note", ground.book(), text="a\0b")
    assert codes(answer) == ["malformed_arguments"]
    assert [each.path for each in answer.problems] == [("text",)]


def test_a_stale_look_is_refused_with_the_current_one(ground: Ground) -> None:
    book = ground.book()
    done(ground.submit("book.lend", book, seen=1, due=DUE))
    answer = ground.submit("book.lend", book, seen=1, due=DUE)
    assert codes(answer) == ["moved_on"]
    assert "is 2 now" in answer.problems[0].message
    assert codes(ground.submit("book.lend", book, due=DUE)) == ["seen_missing"]


def test_notes_do_not_move_the_revision_a_decision_names(ground: Ground) -> None:
    book = ground.book()
    done(ground.submit("book.note", book, text="a fine book"))
    done(ground.submit("book.lend", book, seen=1, due=DUE))


def test_the_policy_is_asked_first(ground: Ground) -> None:
    book = ground.book()
    answer = ground.submit("book.lend", book, by=MUTE, seen=7, due=DUE)
    assert (answer.status, codes(answer)) == (Status.DENIED, ["forbidden"])


def test_a_stranger_and_a_token_for_something_else_are_denied(ground: Ground) -> None:
    book = ground.book()
    stranger = ground.submit("book.note", book, by=f"user:{99:032x}", text="x")
    token = ground.submit("book.note", book, limits=("book.lend",), text="x")
    assert [stranger.status, token.status] == [Status.DENIED, Status.DENIED]


def test_the_operator_may_ask_only_for_what_is_the_operators(ground: Ground) -> None:
    answer = ground.submit("book.note", ground.book(), by=OPERATOR, text="x")
    assert answer.status is Status.DENIED


def test_who_has_no_clearance_gets_the_answer_of_what_is_not_there(ground: Ground) -> None:
    hidden = ground.book(embargoed=True)
    answers = [
        ground.submit("book.note", subject, by=BEN, text="x") for subject in (hidden, "0" * 32)
    ]
    absent = [replace(each, subject="", request="") for each in answers]
    assert absent[0] == absent[1]
    done(ground.submit("book.reveal", hidden))
    done(ground.submit("book.note", hidden, by=BEN, text="x"))


def test_a_consequence_is_recorded_in_the_same_transaction(ground: Ground) -> None:
    first, second = ground.book(), ground.book()
    answer = done(ground.submit("book.lend_two", first, due=DUE, other=second))
    assert [ground.get(Book, each).lent for each in (first, second)] == [True, True]
    assert len(answer.events) == 2


def test_a_consequence_that_is_refused_refuses_the_whole(ground: Ground) -> None:
    first, second = ground.book(), ground.book()
    done(ground.submit("book.lend", second, seen=1, due=DUE))
    answer = ground.submit("book.lend_two", first, due=DUE, other=second)
    assert codes(answer) == ["lent_already"]
    assert not ground.get(Book, first).lent


def test_a_set_read_sees_what_the_same_batch_decided(ground: Ground) -> None:
    books = sorted(ground.book() for _ in range(3))
    requests = [request("book.lend_rarest", books[0], due=DUE) for _ in range(3)]
    answers = ground.writer.run(requests)
    assert [each.status.value for each in answers] == ["done", "done", "refused"]
    assert [ground.get(Book, each).lent for each in books] == [False, True, True]


def test_a_retry_under_the_same_key_is_done_once(ground: Ground) -> None:
    book = ground.book()
    first = done(ground.submit("book.note", book, key="k1", text="once"))
    again = done(ground.submit("book.note", book, key="k1", text="once"))
    assert (again.again, again.events, again.position) == (True, first.events, first.position)
    assert len(ground.get(Book, book).notes) == 1


def test_a_retry_in_the_same_batch_is_done_once(ground: Ground) -> None:
    book = ground.book()
    answers = ground.writer.run(
        [request("book.note", book, key="k", text="once") for _ in range(2)]
    )
    assert [each.again for each in answers] == [False, True]
    assert len(ground.get(Book, book).notes) == 1


def test_a_creation_retried_under_its_key_names_the_first_subject(ground: Ground) -> None:
    first = done(ground.submit("book.shelve", key="k", title="One"))
    again = done(ground.submit("book.shelve", key="k", title="One"))
    assert again.subject == first.subject


def test_a_key_is_the_askers_own_and_bound_to_its_arguments(ground: Ground) -> None:
    book = ground.book()
    done(ground.submit("book.note", book, key="k", text="one"))
    assert codes(ground.submit("book.note", book, key="k", text="two")) == ["key_reused"]
    assert not done(ground.submit("book.note", book, by=BEN, key="k", text="one")).again


def test_a_reply_is_kept_for_two_days(empty_database: str) -> None:
    lay(empty_database)
    now = [datetime.now(UTC)]
    ground = Ground(empty_database, clock=lambda: now[0])
    book = ground.book()
    done(ground.submit("book.note", book, key="k", text="once"))
    now[0] += timedelta(hours=47)
    assert done(ground.submit("book.note", book, key="k", text="once")).again
    now[0] += timedelta(hours=2)
    done(ground.submit("book.note", book, text="the batch that forgets"))
    assert not done(ground.submit("book.note", book, key="k", text="once")).again
    ground.close()


def test_a_refusal_is_not_kept_under_its_key(ground: Ground) -> None:
    book = ground.book()
    assert codes(ground.submit("book.lend", book, key="k", seen=9, due=DUE)) == ["moved_on"]
    answer = ground.submit("book.lend", book, key="k", seen=1, due=DUE)
    assert not done(answer).again


def test_a_fault_in_one_command_harms_no_neighbour(ground: Ground) -> None:
    book = ground.book()
    texts = ["a", "bug", "b", "c"]
    answers = ground.writer.run([request("book.note", book, text=each) for each in texts])
    assert [each.status.value for each in answers] == ["done", "failed", "done", "done"]


def test_what_the_database_refuses_fails_alone(ground: Ground) -> None:
    book = ground.book()
    first = request("book.note", book, text="ok")
    twin = request("book.note", book, id=first.id, text="the same request id")
    answers = ground.writer.run([first, twin, request("book.note", book, text="fine")])
    assert [each.status.value for each in answers] == ["done", "failed", "done"]
    assert len(ground.get(Book, book).notes) == 2


def test_batches_of_one_and_of_many_write_the_same_log(
    ground: Ground, tmp_path_factory: pytest.TempPathFactory
) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('other')}/other.sqlite"
    lay(url)
    other = Ground(url)
    other.writer.limit = 1
    books = [f"{number:032x}" for number in range(8)]
    requests = [request("book.shelve", each, title="T") for each in books]
    requests += [request("book.note", books[n % 8], text=f"note {n}") for n in range(100)]
    requests += [request("book.lend", books[n % 8], seen=1 + n // 8, due=DUE) for n in range(16)]
    one, many = other.writer.run(requests), ground.writer.run(requests)
    assert [(each.status, each.position, codes(each)) for each in one] == [
        (each.status, each.position, codes(each)) for each in many
    ]
    other.close()


def test_the_clock_of_the_log_never_runs_backwards(empty_database: str) -> None:
    lay(empty_database)
    now = [datetime.now(UTC) + timedelta(days=1)]
    ground = Ground(empty_database, clock=lambda: now[0])
    book = ground.book()
    now[0] -= timedelta(seconds=30)
    done(ground.submit("book.note", book, text="half a minute back"))
    now[0] -= timedelta(seconds=31)
    answer = ground.submit("book.note", book, text="more than a minute back")
    assert (answer.status, codes(answer)) == (Status.FAILED, ["clock_behind"])
    notes = ground.get(Book, book).notes
    assert [note.at for note in notes] == [now[0] + timedelta(seconds=61)]
    ground.close()


def test_a_log_for_a_newer_writer_is_not_written_to(ground: Ground) -> None:
    book = ground.book()
    ground.execute("update head set least_writer = 99")
    answer = ground.submit("book.note", book, text="x")
    assert (answer.status, codes(answer)) == (Status.FAILED, ["writer_outdated"])


def test_two_writers_see_each_others_work(ground: Ground) -> None:
    other = ground.another_writer()
    book = ground.book()
    done(other.submit(request("book.lend", book, seen=1, due=DUE)))
    answer = ground.submit("book.lend", book, seen=1, due=DUE)
    assert codes(answer) == ["moved_on"]
    done(ground.submit("principal.suspend", BEN, by=OPERATOR, reason="Lost the key."))
    denied = other.submit(request("book.note", book, by=BEN, text="x"))
    assert denied.status is Status.DENIED
    other.close()


def test_a_request_that_is_in_the_log_is_found_there(ground: Ground) -> None:
    asked = request("book.shelve", title="T")
    done(ground.writer.submit(asked))
    found = ground.writer.look(asked)
    assert found is not None
    assert (found.status, found.subject) == (Status.DONE, asked.subject)
    assert ground.writer.look(request("book.shelve", title="T")) is None


def test_every_action_of_the_registry_is_known_by_one_name() -> None:
    assert REGISTRY.actions["book.lend"].command.name == "lend"
    assert ANNA.startswith("user:")
