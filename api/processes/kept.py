"""One child process of the service, as its parent keeps it: started, restarted, ended."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass, field

from api.http.logs import log
from api.processes.lifeline import ParentEnd

BACKOFF_S = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0)
STEADY_S = 30.0
"""A child that lived so long starts again at once when it dies."""


UNFIT = 78
"""The exit status of a child that says that starting again would not help (EX_CONFIG)."""
AGAIN = 75
"""The exit status of a child that says that it may (EX_TEMPFAIL)."""


class CannotServe(RuntimeError):
    """The service did not come up, or cannot go on; the message says why."""


class NotNow(CannotServe):
    """The service cannot serve for now; it may when it is started again, with nothing mended."""


@dataclass(slots=True)
class Kept:
    """A process that is to run as long as the service does; it inherits what is `handed`."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(repr=False)
    handed: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    line: ParentEnd | None = None
    started: float = 0.0
    deaths: int = 0
    due: float = 0.0

    def start(self) -> None:
        """Start the process in a session of its own, so that Ctrl-C reaches only the parent."""
        line = ParentEnd()
        self.process = subprocess.Popen(
            [*self.command, "--lifeline", str(line.handed)],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            pass_fds=(*self.handed, line.handed),
            start_new_session=True,
        )
        line.taken()
        self.line = line
        self.started = time.monotonic()

    @property
    def serves(self) -> bool:
        """Whether it has said that it serves, and lives."""
        lives = self.process is not None and self.process.poll() is None
        return lives and self.line is not None and self.line.ready

    def look_after(self) -> None:
        """Start the process again if it has died, later and later if it keeps dying.

        Raises CannotServe when it said why it cannot serve, NotNow when it may later.
        """
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.start()
        elif (status := self.process.poll()) is not None:
            self._died(status, now)

    def _died(self, status: int, now: float) -> None:
        reason = self.line.unfit if self.line else None
        self._let_go()
        if reason is not None:
            fault = NotNow if status == AGAIN else CannotServe
            raise fault(f"the {self.name} cannot start: {reason}")
        self.deaths = 0 if now - self.started > STEADY_S else self.deaths + 1
        wait = BACKOFF_S[min(self.deaths, len(BACKOFF_S) - 1)]
        log.error("process_died", process=self.name, status=status, restart_in_s=wait)
        self.due = now + wait

    def tell_to_end(self) -> None:
        """Ask the process to end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end(self, within: float) -> None:
        """Wait until the process has ended, and kill it if it does not within these seconds."""
        self.tell_to_end()
        if self.process is not None:
            try:
                self.process.wait(within)
            except subprocess.TimeoutExpired:
                log.error("process_killed", process=self.name)
                self.process.kill()
                self.process.wait()
        self._let_go()

    def _let_go(self) -> None:
        if self.line is not None:
            self.line.close()
        self.process = self.line = None
