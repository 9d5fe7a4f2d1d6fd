/** An answer other than 200, in Proxmox's own terms: status, reason phrase, and `errors` per parameter. Pure. */

interface Extra {
  readonly errors?: Readonly<Record<string, string>>;
  /** No JSON body: pveproxy itself refused, before any handler ran. */
  readonly bare?: boolean;
}

export class Problem extends Error {
  readonly errors?: Readonly<Record<string, string>>;
  readonly bare: boolean;

  constructor(
    readonly status: number,
    readonly text: string,
    extra: Extra = {},
  ) {
    super(text);
    this.name = "Problem";
    this.errors = extra.errors;
    this.bare = extra.bare ?? false;
  }

  /** What a Perl `die` becomes: 500 with the text as reason. */
  static failed(text: string): Problem {
    return new Problem(500, text);
  }

  static parameters(errors: Readonly<Record<string, string>>): Problem {
    return new Problem(400, "Parameter verification failed.", { errors });
  }

  /** @param privileges joined with `|` (any of them) or `, ` (all of them), as the check said it */
  static denied(path?: string, privileges?: string): Problem {
    const detail = path === undefined ? "" : ` (${[path, privileges].filter((part) => part !== undefined).join(", ")})`;
    return new Problem(403, `Permission check failed${detail}`);
  }

  /** Proxmox answers 401 with an empty body; the reason phrase is all there is. */
  static unauthorized(reason: string): Problem {
    return new Problem(401, reason, { bare: true });
  }

  static notImplemented(method: string, path: string): Problem {
    return new Problem(501, `Method '${method} ${path}' not implemented`);
  }
}
