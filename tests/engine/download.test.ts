import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { archiveName, download } from "../../engine/download";
import { ensureEngine } from "../../engine/engine";
import { install } from "../../engine/install";
import { cachedRoot, ENGINE_VERSION, EXECUTABLES } from "../../engine/layout";
import { fakeEngine, script, withScratch } from "./support/scratch";

const archive = archiveName() ?? "no archive for this platform";
const checksums = `pulumi-${ENGINE_VERSION}-checksums.txt`;

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** A download site on this machine, for as long as `use` runs; the answers by file name. */
async function site(answers: Readonly<Record<string, Answer>>, use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer((request, response) => {
    const answer = answers[(request.url ?? "").replace(/^\/sdk\//, "")];
    if (answer === undefined) response.writeHead(404).end();
    else answer(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/sdk`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const send =
  (body: string | Buffer): Answer =>
  (response) =>
    response.end(body);

/** A release as Pulumi packs it: a folder `pulumi` with the executables. */
function release(folder: string, prepare: (bin: string) => void, inner = "pulumi"): Buffer {
  prepare(join(folder, "release", inner));
  const file = join(folder, "release.tar.gz");
  execFileSync("tar", ["-czf", file, "-C", join(folder, "release"), "pulumi"]);
  return readFileSync(file);
}

const complete = (folder: string): Buffer =>
  release(folder, (bin) => {
    fakeEngine(bin, `v${ENGINE_VERSION}`);
  });

const published = (body: Buffer): Record<string, Answer> => ({
  [checksums]: send(`${"0".repeat(64)}  another.zip\n${createHash("sha256").update(body).digest("hex")}  ${archive}\n`),
  [archive]: send(body),
});

const environment = (folder: string): NodeJS.ProcessEnv => ({
  PATH: "/usr/bin:/bin",
  XDG_CACHE_HOME: join(folder, "cache"),
});

/** The download as the set-up does it, into an empty cache. */
const fetchEngine = (folder: string, url: string): ReturnType<typeof install> =>
  install(environment(folder), { source: "downloaded", origin: "official" }, (draft) =>
    download(draft, { url, answerWithin: 300, stalledAfter: 300 }),
  );

/** What stays in the cache's folder of engines, but for the home that `pulumi version` writes its logs to. */
const leftIn = (folder: string): string[] =>
  readdirSync(dirname(cachedRoot(environment(folder)))).filter((name) => name !== "home");

/** Runs a download that has to fail; the cache has to be as empty as before. */
async function failure(folder: string, answers: Readonly<Record<string, Answer>>): Promise<string> {
  let message = "it did not fail";
  await site(answers, async (url) => {
    await fetchEngine(folder, url).catch((error: unknown) => {
      message = (error as Error).message;
    });
  });
  expect(leftIn(folder)).toEqual([]);
  return message;
}

describe("the official download", () => {
  test("that is complete ends as a cached engine that the next search finds", () =>
    withScratch(async (folder) => {
      await site(published(complete(folder)), async (url) => {
        const engine = await fetchEngine(folder, url);
        const root = cachedRoot(environment(folder));
        expect(engine).toMatchObject({ root, version: ENGINE_VERSION, source: "downloaded", origin: "official" });
        expect(leftIn(folder)).toHaveLength(1);
        expect(readdirSync(join(root, "bin")).sort()).toEqual([...EXECUTABLES]);
        expect(await ensureEngine({ env: environment(folder) })).toEqual({ ...engine, source: "the cached copy" });
      });
    }));

  test("may have its executables one folder deeper", () =>
    withScratch(async (folder) => {
      const body = release(
        folder,
        (bin) => {
          fakeEngine(bin, `v${ENGINE_VERSION}`);
        },
        "pulumi/bin",
      );
      await site(published(body), async (url) => {
        expect((await fetchEngine(folder, url)).version).toBe(ENGINE_VERSION);
      });
    }));

  test("that is cut off leaves nothing", () =>
    withScratch(async (folder) => {
      const body = complete(folder);
      const cut: Answer = (response) => {
        response.writeHead(200, { "content-length": body.length });
        response.write(body.subarray(0, body.length / 2), () => response.destroy());
      };
      expect(await failure(folder, { ...published(body), [archive]: cut })).toContain(archive);
    }));

  test("that ends early without an announced length is not the published file", () =>
    withScratch(async (folder) => {
      const body = complete(folder);
      const short: Answer = (response) => response.end(body.subarray(0, body.length / 2));
      expect(await failure(folder, { ...published(body), [archive]: short })).toMatch(
        /its SHA-256 is \w{64}, published is/,
      );
    }));

  test("that hangs is given up, before the first byte and after some", () =>
    withScratch(async (folder) => {
      const body = complete(folder);
      const silent: Answer = () => undefined;
      const stalling: Answer = (response) => response.write(body.subarray(0, 100));
      expect(await failure(folder, { [checksums]: silent })).toMatch(/^no answer from 127\.0\.0\.1:\d+ within 0\.3 s$/);
      for (const answer of [silent, stalling]) {
        expect(await failure(folder, { ...published(body), [archive]: answer })).toContain("sent nothing for 0.3 s");
      }
    }));

  test("that can't be run leaves nothing", () =>
    withScratch(async (folder) => {
      const body = release(folder, (bin) => {
        fakeEngine(bin, `v${ENGINE_VERSION}`);
        script(join(bin, "pulumi"), "echo v3.259.0", 0o644);
      });
      expect(await failure(folder, published(body))).toBe("pulumi is missing or not executable");
    }));

  test("of another processor's or another version's programs leaves nothing", () =>
    withScratch(async (folder) => {
      const crashing = release(folder, (bin) => {
        fakeEngine(bin, "");
        script(join(bin, "pulumi"), "kill -ILL $$");
      });
      expect(await failure(folder, published(crashing))).toContain("was ended by SIGILL");
      const other = release(folder, (bin) => {
        fakeEngine(bin, "v3.258.0");
      });
      expect(await failure(folder, published(other))).toBe(`it is version 3.258.0, not ${ENGINE_VERSION}`);
    }));

  test("that the site doesn't have is said with the site's answer", () =>
    withScratch(async (folder) => {
      expect(await failure(folder, {})).toContain(`${checksums} answers 404 Not Found`);
      expect(await failure(folder, { [checksums]: send("nothing here\n") })).toContain(`has no line for ${archive}`);
    }));

  test("from a site that refuses connections fails at once", () =>
    withScratch(async (folder) => {
      let closed = "";
      await site({}, (url) => {
        closed = url;
        return Promise.resolve();
      });
      await expect(fetchEngine(folder, closed)).rejects.toThrow("ECONNREFUSED");
      expect(leftIn(folder)).toEqual([]);
    }));

  test("twice at the same time ends with one whole engine", () =>
    withScratch(async (folder) => {
      await site(published(complete(folder)), async (url) => {
        const both = await Promise.all([fetchEngine(folder, url), fetchEngine(folder, url)]);
        expect(both[0]).toEqual(both[1]);
        expect(leftIn(folder)).toHaveLength(1);
        expect(existsSync(both[0].pulumi)).toBe(true);
      });
    }));
});
