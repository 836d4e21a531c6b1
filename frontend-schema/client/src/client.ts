import { Refused, RequestFailed, Unreachable } from "./failures.js";
import type { Fault, Problem } from "./failures.js";
import type { Operation } from "./operation.js";

export interface Settings {
  /** The endpoint, such as `https://changegate.example.org/graphql`. */
  readonly url: string;
  /** A bearer token, or what gives one as it is needed: those of an identity provider run out. */
  readonly token: string | (() => string | Promise<string>);
  /** How often to ask again where no answer comes, or the server says "later"; 2 by default. */
  readonly retries?: number;
  /** How long to wait for an answer, in milliseconds; 30,000 by default. */
  readonly timeout?: number;
  /** What sends requests; the platform's own by default. */
  readonly fetch?: typeof fetch;
}

export interface Options {
  /** Ends the waiting, and asks no more. */
  readonly signal?: AbortSignal;
}

/** A page of a list. */
export interface Connection<Node> {
  readonly edges: ReadonlyArray<{ readonly node: Node }>;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** What every mutation answers, beside what it is about. */
export type Mutation<Payload extends { readonly problems: ReadonlyArray<Problem> }> = Readonly<
  Record<string, Payload>
>;

/** What keeps a retry of a mutation from doing it twice. */
interface Keyed {
  readonly idempotencyKey?: string | null;
}

const LATER: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const PAUSE = 500;
const LONGEST_PAUSE = 30_000;

/** Asks a Changegate in somebody's name. */
export class Changegate {
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /**
   * The data of an operation.
   *
   * A query that finds no answer is asked again. A mutation is, too, where its input has an
   * `idempotencyKey`; `carryOut` gives it one.
   *
   * @throws RequestFailed, Unreachable
   */
  async ask<Data, Variables>(
    operation: Operation<Data, Variables>,
    variables: Variables,
    options: Options = {},
  ): Promise<Data> {
    const again = operation.kind === "query" || keyed(variables);
    const attempts = again ? 1 + (this.#settings.retries ?? 2) : 1;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#send(operation, variables, options);
      if (outcome.done) {
        return outcome.data;
      }
      if (attempt >= attempts || !outcome.later) {
        throw outcome.failure;
      }
      await pause(outcome.pause ?? PAUSE * 2 ** (attempt - 1), options.signal);
    }
  }

  /**
   * Do what a mutation is for, once, however often it had to be asked for: what it answered.
   *
   * @throws Refused with every problem, if it was not done; RequestFailed, Unreachable
   */
  async carryOut<
    Payload extends { readonly problems: ReadonlyArray<Problem> },
    Input extends Keyed,
  >(
    operation: Operation<Mutation<Payload>, { readonly input: Input }>,
    input: Input,
    options: Options = {},
  ): Promise<Payload> {
    const key = input.idempotencyKey ?? crypto.randomUUID();
    const data = await this.ask(operation, { input: { ...input, idempotencyKey: key } }, options);
    const [payload] = Object.values(data);
    if (payload === undefined) {
      throw new TypeError(`${operation.name} asks for nothing.`);
    }
    if (payload.problems.length > 0) {
      throw new Refused(payload.problems, payload);
    }
    return payload;
  }

  /**
   * Everything that a list holds, page by page as it is needed.
   *
   * @param of finds the list in the operation's data.
   * @throws RequestFailed, Unreachable
   */
  async *each<Data, Variables extends { readonly after?: string | null }, Node>(
    operation: Operation<Data, Variables>,
    variables: Variables,
    of: (data: Data) => Connection<Node> | null,
    options: Options = {},
  ): AsyncGenerator<Node, void, undefined> {
    let after = variables.after ?? null;
    for (;;) {
      const page = of(await this.ask(operation, { ...variables, after }, options));
      if (page === null) {
        return;
      }
      for (const { node } of page.edges) {
        yield node;
      }
      if (!page.pageInfo.hasNextPage) {
        return;
      }
      after = page.pageInfo.endCursor;
    }
  }

  async #send<Data, Variables>(
    operation: Operation<Data, Variables>,
    variables: Variables,
    options: Options,
  ): Promise<Outcome<Data>> {
    const { url, token, timeout = 30_000 } = this.#settings;
    const bearer = typeof token === "string" ? token : await token();
    const limit = AbortSignal.timeout(timeout);
    const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
    const send = this.#settings.fetch ?? fetch;
    let response: Response;
    let body: unknown;
    try {
      response = await send(url, {
        method: "POST",
        headers: {
          accept: "application/graphql-response+json",
          "content-type": "application/json",
          authorization: `Bearer ${bearer}`,
        },
        body: JSON.stringify({
          query: operation.text,
          operationName: operation.name,
          variables,
        }),
        signal,
      });
      body = await content(response);
    } catch (cause) {
      options.signal?.throwIfAborted();
      const failure = new Unreachable(`No answer came from ${url}.`, { cause });
      return { done: false, later: true, failure };
    }
    const { data, errors } = answered(body);
    if (data !== null && errors.length === 0) {
      return { done: true, data: data as Data };
    }
    const failure = new RequestFailed(response.status, errors);
    const wait = seconds(response.headers.get("retry-after"));
    return { done: false, later: LATER.has(response.status), failure, ...wait };
  }
}

type Outcome<Data> =
  | { readonly done: true; readonly data: Data }
  | {
      readonly done: false;
      readonly later: boolean;
      readonly failure: Error;
      readonly pause?: number;
    };

function keyed(variables: unknown): boolean {
  const { input } = (variables ?? {}) as { readonly input?: Keyed };
  return typeof input?.idempotencyKey === "string";
}

async function content(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return null; // what stands before the server, such as a proxy, may answer in its own words
  }
}

function answered(body: unknown): { data: unknown; errors: ReadonlyArray<Fault> } {
  if (typeof body !== "object" || body === null) {
    return { data: null, errors: [] };
  }
  const { data = null, errors = [] } = body as { data?: unknown; errors?: ReadonlyArray<Fault> };
  return { data, errors };
}

function seconds(header: string | null): { pause?: number } {
  const told = Number(header);
  return header !== null && told >= 0 ? { pause: Math.min(told * 1000, LONGEST_PAUSE) } : {};
}

function pause(time: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const ended = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", ended);
      resolve();
    }, time);
    signal?.addEventListener("abort", ended, { once: true });
  });
}
