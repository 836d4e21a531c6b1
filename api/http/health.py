"""Says whether the process lives and whether it is ready, to anybody and without secrets."""

import time
from collections.abc import Callable, Mapping
from typing import Final

import anyio
import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.http.logs import described, log
from ledger.databases import is_out_of_reach

Check = Callable[[], str | None]
"""Looks at one thing the server needs: None if it is well, else a short reason for the public."""

SECONDS: Final = 3.0
"""How long a check may take before it counts as failed."""
REMEMBERED: Final = 1.0
"""Seconds an answer is given again, so that asking often costs nothing."""
LENGTH: Final = 200


class Readiness:
    """Runs named checks, all at once, each in a thread; `notes` keep nothing from being ready."""

    def __init__(
        self,
        checks: Mapping[str, Check],
        clock: Callable[[], float] = time.monotonic,
        notes: Mapping[str, Check] | None = None,
    ) -> None:
        self.checks = checks
        self.notes = notes or {}
        self.clock = clock
        self.stopping = False
        """Set when the server ends, so that nobody sends it new requests."""
        self.asking = anyio.Lock()
        most = 2 * (len(self.checks) + len(self.notes)) + 1  # those that hang cost no others
        self.threads = anyio.CapacityLimiter(most)
        self.asked = float("-inf")
        self.found: dict[str, str | None] = {}

    async def answer(self, _: Request) -> Response:
        """Answer 200 if all is well, else 503, with the reason beside each name."""
        async with self.asking:
            if self.clock() - self.asked > REMEMBERED:
                self.found = await self._look()
                self.asked = self.clock()
        found = {name: self.found[name] for name in self.checks}
        if self.stopping:
            found["stopping"] = "the server is ending"
        ready = not any(found.values())
        checks = {name: reason or "ok" for name, reason in found.items()}
        notes = {name: self.found[name] for name in self.notes if self.found[name]}
        return _json({"ready": ready, "checks": checks, "notes": notes}, 200 if ready else 503)

    async def _look(self) -> dict[str, str | None]:
        looks = {**self.checks, **self.notes}
        found: dict[str, str | None] = dict.fromkeys(looks, "took too long")

        async def look(name: str, check: Check) -> None:
            with anyio.move_on_after(SECONDS):
                found[name] = await anyio.to_thread.run_sync(
                    _reason, name, check, abandon_on_cancel=True, limiter=self.threads
                )

        async with anyio.create_task_group() as group:
            for name, check in looks.items():
                group.start_soon(look, name, check)
        return found


def _reason(name: str, check: Check) -> str | None:
    try:
        reason = check()
    except Exception as error:  # noqa: BLE001  (whatever it is, the server is not ready)
        log.error("check_failed", check=name, **described(error))
        return "the database cannot be used" if is_out_of_reach(error) else "failed"
    return reason[:LENGTH] if reason else None


async def alive(request: Request) -> Response:
    """Answer that the process lives; it asks nothing of anything else."""
    return _json({"alive": True}, 200)


def health_routes(readiness: Readiness) -> list[Route]:
    """The two public routes: `/healthz` and `/readyz`."""
    return [Route("/healthz", alive), Route("/readyz", readiness.answer)]


def _json(value: object, status: int) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")
