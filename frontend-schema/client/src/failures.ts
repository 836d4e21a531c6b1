import type { Code } from "./codes.js";

/** What is wrong with an input, or what a gate found missing. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly path: ReadonlyArray<string>;
}

/** What is wrong with a request itself, or a fault of the server, which tells its code alone. */
export interface Fault {
  readonly message: string;
  readonly path?: ReadonlyArray<string | number>;
  readonly extensions?: { readonly code?: string; readonly requestId?: string };
}

/** A mutation was not done: every problem at once, and the record as it stands now. */
export class Refused<Payload> extends Error {
  override readonly name = "Refused";

  constructor(
    readonly problems: ReadonlyArray<Problem>,
    /** What the mutation answered, such as the record somebody else has changed meanwhile. */
    readonly payload: Payload,
  ) {
    super(problems.map((each) => each.message).join(" "));
  }

  /** Whether one of the problems bears this code. */
  has(code: Code): boolean {
    return this.problems.some((each) => each.code === code);
  }
}

/** The request was not answered with data: it is wrong, its bearer is unknown, or a fault came. */
export class RequestFailed extends Error {
  override readonly name = "RequestFailed";

  constructor(
    /** The status of HTTP. */
    readonly status: number,
    readonly faults: ReadonlyArray<Fault>,
  ) {
    super(faults.map((each) => each.message).join(" ") || `The server answered ${status}.`);
  }

  /** What the server's own log calls this request, to be named to whoever operates it. */
  get requestId(): string | undefined {
    return this.faults.find((each) => each.extensions?.requestId)?.extensions?.requestId;
  }

  /** Whether one of the errors bears this code. */
  has(code: Code): boolean {
    return this.faults.some((each) => each.extensions?.code === code);
  }
}

/** No answer came: whether a mutation was done is not known until it is asked for again. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}
