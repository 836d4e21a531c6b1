// What a front end does with the client; prints what came of it as one JSON object.
import { Changegate, Refused, RequestFailed, Unreachable, operations } from "./index.js";
import type { OpenChangeInput } from "./index.js";

declare const process: { readonly argv: string[] };

const [url, token] = process.argv.slice(2) as [string, string];
const gate = new Changegate({ url, token });

function wish(title: string): OpenChangeInput {
  return {
    playbook: "itsm",
    kind: "normal",
    content: { title, service: "billing", reason: "Customers could not pay." },
  };
}

async function failure(asked: Promise<unknown>): Promise<unknown> {
  try {
    await asked;
  } catch (error) {
    return error;
  }
  throw new Error("it was not refused");
}

async function titled(text: string): Promise<string[]> {
  const found: string[] = [];
  const list = gate.each(operations.Changes, { filter: { text }, first: 2 }, (data) => data.changes);
  for await (const change of list) {
    found.push(`${change.content.title} ${change.status}`);
  }
  return found.sort();
}

// A road on which things go wrong: an answer is lost, or the server asks to come again later.
type Mishap = "lost" | "later";

function over(...mishaps: Mishap[]): Changegate {
  const walk: typeof fetch = async (to, sent) => {
    const mishap = mishaps.shift();
    if (mishap === "later") {
      return new Response("<h1>Come again later</h1>", {
        status: 503,
        headers: { "retry-after": "0" },
      });
    }
    const answer = await fetch(to, sent);
    if (mishap === "lost") {
      throw new TypeError("the connection was reset");
    }
    return answer;
  };
  return new Changegate({ url, token, fetch: walk });
}

const opened: string[] = [];
for (const title of ["Typed one", "Typed two", "Typed three"]) {
  const { change } = await gate.carryOut(operations.OpenChange, wish(title));
  opened.push(change?.id ?? "none");
}
const [first = "none"] = opened;

const stale = await failure(
  gate.carryOut(operations.EditChange, { id: first, seen: 99, content: wish("Late").content }),
);
const unknown = await failure(
  new Changegate({ url, token: "cg_wrong" }).ask(operations.Changes, {}),
);
const wrong = await failure(
  gate.ask(operations.Changes, { first: -1 }),
);
const nobody = await failure(
  new Changegate({ url: "http://127.0.0.1:9/graphql", token, retries: 0 }).ask(operations.Changes, {}),
);
const ended = await failure(
  gate.ask(operations.Changes, {}, { signal: AbortSignal.abort(new Error("left the page")) }),
);

const lost = await over("lost").carryOut(operations.OpenChange, wish("Lost answer"));
const later = await over("later", "later").ask(operations.Changes, { first: 1 });
const tired = await failure(over("later", "later", "later").ask(operations.Changes, {}));

console.log(
  JSON.stringify({
    distinct: new Set(opened).size,
    typed: await titled("Typed"),
    stale:
      stale instanceof Refused && {
        codes: stale.problems.map((each) => each.code),
        movedOn: stale.has("moved_on"),
        version: (stale.payload as { change: { version: number } | null }).change?.version,
      },
    unknown: unknown instanceof RequestFailed && {
      status: unknown.status,
      known: unknown.has("unauthenticated"),
    },
    wrong: wrong instanceof RequestFailed && wrong.faults.length,
    nobody: nobody instanceof Unreachable && nobody.message,
    ended: (ended as Error).message,
    lost: [lost.change?.status, await titled("Lost answer")],
    later: later.changes.edges.length,
    tired: tired instanceof RequestFailed && [tired.status, tired.message],
  }),
);
