"""How a walker does what the gates of a patch tell people to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from tests.api.walker.deeds_beside import DEEDS as BESIDE
from tests.api.walker.deeds_merge_requests import DEEDS as OWN
from tests.api.walker.deeds_people import DEEDS as PEOPLE
from tests.api.walker.mischief import WHY
from tests.api.walker.patch_made import LINES, MAIN, PROJECT, SERVICE, WRITER, Made, branch
from tests.api.walker.walk import Step, Table

Asked = tuple[str, dict[str, Any]]
NUMBER: Final = re.compile(r"!(\d+)")
NAMES: Final = re.compile(r"Report (?:that |how )?(?:a )?(\w+)")
TASK: Final = re.compile(r"task (\d+)")
BRANCH: Final = re.compile(r"\d+-\d+-stable-ee|\bmaster\b")
VERSION: Final = re.compile(r"\d+\.\d+\.\d+")


def table(made: Made) -> Table:
    """The deeds of this patch."""
    return {**OWN, **BESIDE, **PEOPLE, **_on_release(made), **_on_fixes(made), **_on_parts(made)}


def _on_release(made: Made) -> dict[str, Callable[[Step], Asked]]:
    def plain(mutation: str, **given: Any) -> Callable[[Step], Asked]:
        return lambda _step: (mutation, {"id": made.id, **given})

    def seen(mutation: str, **given: Any) -> Callable[[Step], Asked]:
        return lambda _: (mutation, {"id": made.id, "seen": made.state["revision"], **given})

    return {
        "release.enter_phase": plain("enterReleasePhase"),
        "release.close": plain("closeRelease"),
        "release.abort": plain("abortRelease", reason=WHY),
        "release.publish": seen("publishRelease"),
        "release.announce": seen("announceRelease", location="https://about.example/patch"),
        "release.complete_task": lambda step: _task(made, step),
        "release.aim": lambda step: _aimed(made, step),
        "release.tag": lambda step: _tagged(made, step),
        "release.deploy": lambda step: _deployed(made, step),
        "release.settle_deployment": lambda step: _settled(made, step),
        "release.edit": lambda step: _edited(made, step),
        "release.include": lambda step: _included(made, step),
        "release.exclude": lambda step: _excluded(made, step),
        "evidence.report": lambda step: _reported(made, step),
        "package.add": lambda step: _built(made, step),
        "sync.report": lambda step: _synced(made, step),
    }


def _on_fixes(made: Made) -> dict[str, Callable[[Step], Asked]]:
    return {
        "security_fix.unlink": lambda step: _unlinked(made, step),
        "security_fix.link": lambda step: _linked(made, step),
        "security_fix.label": lambda step: _last(
            step,
            "labelSecurityFix",
            [{"id": each, "label": "security-target"} for each in _fixes(made, step)],
        ),
        "security_fix.tick": lambda step: _ticked(made, step),
        "security_fix.assess": lambda step: _last(
            step, "assessSecurityFix", [{"id": e, "severity": "high"} for e in _fixes(made, step)]
        ),
        "security_fix.add_merge_request": lambda step: _added(made, step),
    }


def _on_parts(made: Made) -> dict[str, Callable[[Step], Asked]]:
    def of(mutation: str, *statuses: str) -> Callable[[Step], Asked]:
        return lambda step: _last(
            step,
            mutation,
            [
                {"id": each["id"], **_more(mutation, step, each)}
                for each in _meant(made, step)
                if not statuses or each["status"] in statuses
            ],
        )

    return {
        "merge_request.merge": of("mergeMergeRequest", "OPEN"),
        "merge_request.sign_off": of("signOffMergeRequest", "OPEN"),
        "merge_request.reopen": of("reopenMergeRequest", "CLOSED"),
        "merge_request.retarget": of("retargetMergeRequest", "OPEN"),
        "merge_request.assign": of("assignMergeRequest", "OPEN"),
        "merge_request.push": of("pushMergeRequest", "OPEN"),
    }


def _more(mutation: str, step: Step, part: Any) -> dict[str, Any]:
    """What the mutation takes beside the merge request."""
    if mutation == "retargetMergeRequest":
        [target] = BRANCH.findall(step.slot.description)
        return {"target": target, "base": part["head"][::-1]}
    if mutation == "assignMergeRequest":
        return {"assignee": step.tale.world.id("release-bot")}
    if mutation == "signOffMergeRequest":
        return {"seen": part["revision"], "rule": step.rule()}
    return {} if mutation == "reopenMergeRequest" else {"seen": part["revision"]}


def _last(step: Step, mutation: str, every: Iterable[dict[str, Any]]) -> Asked:
    """Do the same to each; the last is what is returned to be done."""
    *first, last = every
    for given in first:
        step.tale.do(step.who, mutation, **given)
    return mutation, last


def _meant(made: Made, step: Step) -> list[Any]:
    """The merge requests that an act names, else those of its finding, else what is in it."""
    every, inside = made.parts(), made.inside()
    numbers = set(map(int, NUMBER.findall(step.slot.description)))
    named = [each for each in every if each["number"] in numbers]
    ids = step.finding.records("MergeRequest") if step.finding else []
    near = [each for each in every if each["id"] in ids]
    return named or near or [each for each in every if each["id"] in inside]


def _fixes(made: Made, step: Step) -> list[str]:
    """The fixes that a finding names, itself or by their merge requests; else those linked."""
    numbers = set(map(int, NUMBER.findall(step.slot.description)))
    if called := {each["fix"] for each in made.parts() if each["number"] in numbers}:
        return sorted(called)
    own = step.finding.records("SecurityFix") if step.finding else []
    ids = step.finding.records("MergeRequest") if step.finding else []
    near = {each["fix"] for each in made.parts() if each["id"] in ids}
    linked = {each["fix"] for each in made.parts() if each["linked"]}
    return sorted(own) or sorted(near & linked or near) or sorted(linked)


def _unlinked(made: Made, step: Step) -> Asked:
    """The first that lacks something, of those that are meant."""
    every = _fixes(made, step)
    short = [each for each in every if made.lacking(each)]
    return "unlinkSecurityFix", {"id": (short or every)[0], "reason": WHY}


def _task(made: Made, step: Step) -> Asked:
    [number] = TASK.findall(step.slot.description)
    return "completeReleaseTask", {"id": made.id, "number": int(number)}


def _aimed(made: Made, step: Step) -> Asked:
    """Each version at the head of what is ported to its branch, or at what a program checked."""
    inside = made.inside()
    going = [e for e in made.parts() if e["linked"] and e["id"] in inside and not e["revertedAt"]]
    heads = {e["target"]: e["head"] for e in going if e["status"] == "MERGED"}
    every = []
    for version in made.state["plan"]["versions"]:
        commit = heads.get(branch(version)) or made.commit()
        told = {"project": PROJECT, "name": "check", "outcome": "PASSED", "subject": commit}
        step.tale.ask("build-bot", "reportEvidence", **told)
        every.append({"id": made.id, "releaseVersion": version, "commit": commit})
    return _last(step, "aimRelease", every)


def _tagged(made: Made, step: Step) -> Asked:
    now = made.state
    done = {each["version"] for each in now["tags"]}
    left = [each for each in now["plan"]["versions"] if each not in done]
    told = {"id": made.id, "seen": now["revision"]}
    return _last(step, "tagRelease", [{**told, "releaseVersion": e, "name": f"v{e}"} for e in left])


def _deployed(made: Made, step: Step) -> Asked:
    if "another release" in step.slot.description:
        return _hosted(made, step)
    seen = made.state["revision"]
    step.tale.do(step.who, "deployRelease", id=made.id, environment="release", seen=seen)
    return _settled(made, step)


def _settled(made: Made, _step: Step) -> Asked:
    told = {"id": made.id, "environment": "release", "progress": "SUCCEEDED"}
    return "settleReleaseDeployment", told


def _hosted(made: Made, step: Step) -> Asked:
    """A hidden package of the hosted service, with all that is merged to the default branch."""
    tale, made.hosted = step.tale, made.hosted + 1
    main = [each for each in made.parts() if each["target"] == MAIN and not each["revertedAt"]]
    ids = [each["id"] for each in main if each["status"] == "MERGED"]
    version = f"17.{made.number()}.202603021200"
    plan = {"title": "Package", "service": SERVICE, "versions": [version], "project": PROJECT}
    given = {"playbook": "gitlab", "kind": "auto_deploy", "plan": plan, "embargoed": True}
    id = tale.do(step.who, "openRelease", **given)
    tale.do(step.who, "includeRelease", id=id, mergeRequests=ids)
    built = made.commit()
    tale.do(step.who, "aimRelease", id=id, releaseVersion=version, commit=built)
    told = {"project": PROJECT, "outcome": "PASSED", "subject": built}
    tale.do("build-bot", "reportEvidence", **told, name="pipeline")
    manifest = tale.read("release", "{ manifest }", by=step.who, id=id)["manifest"]
    tale.do("build-bot", "reportEvidence", **told, name="contents", manifest=manifest)
    for place in ("gstg", "gprd"):
        seen = tale.read("release", "{ revision }", by=step.who, id=id)["revision"]
        tale.do(step.who, "deployRelease", id=id, environment=place, seen=seen)
        ended = {"id": id, "environment": place, "progress": "SUCCEEDED"}
        if place == "gprd":
            return "settleReleaseDeployment", ended
        tale.do(step.who, "settleReleaseDeployment", **ended)
        tale.do("build-bot", "reportEvidence", **told, name="staging_tests", environment=place)
    raise AssertionError(tale.fault("it went nowhere"))


def _edited(made: Made, step: Step) -> Asked:
    """With a version of each line."""
    now = made.state
    have = {branch(each) for each in now["plan"]["versions"]}
    if "notes" in step.slot.description:
        plan = {**now["plan"], "notes": "Closes a hole."}
        return "editRelease", {"id": made.id, "seen": now["version"], "plan": plan}
    more = [f"{line}.{made.number()}" for line in LINES if branch(f"{line}.0") not in have]
    plan = {**now["plan"], "versions": [*now["plan"]["versions"], *more]}
    return "editRelease", {"id": made.id, "seen": now["version"], "plan": plan}


def _included(made: Made, step: Step) -> Asked:
    """What is linked, goes out, and is not in it; where nothing is, all fixes are linked first."""
    inside = made.inside()
    if not any(each["linked"] for each in made.parts()):
        link, given = _linked(made, step)
        step.tale.do("viktor", link, **given)
    going = [e for e in made.parts() if e["status"] != "CLOSED" and e["revertedAt"] is None]
    ids = [each["id"] for each in going if each["linked"] and each["id"] not in inside]
    gone = [e["id"] for e in made.parts() if e["id"] in inside and e not in going]
    if gone and "take out" in step.slot.description:
        out = {"id": made.id, "mergeRequests": gone, "reason": WHY}
        step.tale.do(step.who, "excludeRelease", **out)
    return "includeRelease", {"id": made.id, "mergeRequests": ids}


def _excluded(made: Made, step: Step) -> Asked:
    """What is named, or all of the fixes of that; else what is in it and not linked."""
    every, inside, words = made.parts(), made.inside(), step.slot.description
    near = _meant(made, step)
    if "of that fix" in words:
        off = {each["fix"] for each in every if each["id"] in inside and not each["linked"]}
        off = off or set(_fixes(made, step))
        near = [each for each in every if each["fix"] in off]
    ids = [each["id"] for each in near if each["id"] in inside]
    return "excludeRelease", {"id": made.id, "mergeRequests": ids, "reason": WHY}


def _reported(made: Made, step: Step) -> Asked:
    words = step.slot.description
    name = NAMES.findall(words)[0]
    told = {"project": PROJECT, "name": name, "outcome": "PASSED"}
    now = made.state
    commits = {each["version"]: each["commit"] for each in now["targets"]}
    if numbers := set(map(int, NUMBER.findall(words))):
        subjects = [each["head"] for each in made.parts() if each["number"] in numbers]
    elif name == "applies":
        inside = made.inside()
        subjects = [e["head"] for e in made.parts() if e["id"] in inside and e["target"] != MAIN]
    else:
        versions = VERSION.findall(words) or now["plan"]["versions"]
        subjects = [commits[each] for each in versions if commits.get(each)]
    if name == "contents":
        told["manifest"] = now["manifest"]
    if name == "qa":
        told["environment"] = "release"
    return _last(step, "reportEvidence", [{**told, "subject": each} for each in subjects])


def _built(made: Made, step: Step) -> Asked:
    [version] = VERSION.findall(step.slot.description)
    [commit] = [each["commit"] for each in made.state["targets"] if each["version"] == version]
    digest = f"sha256:{made.tale.random.getrandbits(256):064x}"
    built = {"digest": digest, "label": version, "service": SERVICE, "project": PROJECT}
    return "addPackage", {"built": {**built, "commit": commit}}


def _synced(made: Made, _step: Step) -> Asked:
    now = made.state
    names = (MAIN, *(branch(each) for each in now["plan"]["versions"]))
    refs = [{"kind": "BRANCH", "name": e, "here": "d" * 40, "there": "d" * 40} for e in names]
    for each in now["targets"]:
        made_of = {"here": each["commit"], "there": each["commit"]}
        refs.append({"kind": "TAG", "name": f"v{each['version']}", **made_of})
    return "reportSync", {"release": made.id, "repository": PROJECT, "refs": refs}


def _linked(made: Made, step: Step) -> Asked:
    """Those that are taken off and have all they need; where none has, the first gets it."""
    free = [e for e in made.fixes if (made.fix(e)["tracker"] or {}).get("id") != made.id]
    free = [each for each in _fixes(made, step) if each in free] or free
    whole = [each for each in free if not made.lacking(each)]
    if not whole:
        made.mend_anew(free[0])
    for each in whole or free[:1]:
        made.complete(each)
    ids = whole or free[:1]
    return _last(step, "linkSecurityFix", [{"id": each, "tracker": made.id} for each in ids])


def _ticked(made: Made, step: Step) -> Asked:
    left = [
        {"id": fix, "item": each["name"]}
        for fix in _fixes(made, step)
        for each in made.fix(fix)["items"]
        if each["tickedAt"] is None
    ]
    return _last(step, "tickSecurityFix", left)


def _added(made: Made, step: Step) -> Asked:
    """A merge request for each branch that is named, by who writes; the last is put on the fix."""
    words = step.slot.description
    wanted = BRANCH.findall(words) or [MAIN]
    [fix, *_] = [e for e in made.fixes if not made.fix(e)["tracker"]] or made.fixes
    *first, last = wanted
    for target in first:
        made.add(fix, target)
    kind = "strict" if last == MAIN else "backport"
    told = {"playbook": "planned_patch", "kind": kind, "project": PROJECT, "target": last}
    told |= {"head": made.commit(), "base": made.commit(), "title": "Close the hole"}
    given = {**told, "number": made.number(), "embargoed": True}
    id = made.tale.do(WRITER, "openMergeRequest", **given)
    return "addSecurityFixMergeRequest", {"id": fix, "mergeRequest": id}
