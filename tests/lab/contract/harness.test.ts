/** The judge is judged first: it has to see what differs, and to overlook only what the real server itself changes. */
import { editAccess } from "./accessEdits";
import { adoptGuest, showsGuest } from "./adopt";
import { canonical } from "./canonical";
import { type Answer, differences } from "./compare";
import { parseConfig } from "./configText";
import { isInUse } from "./endpoint";
import type { Exchange, Json } from "./exchange";
import { Names } from "./names";
import { recordedNode } from "./node";
import { judged, tally } from "./outcome";
import { Unserved } from "./unserved";

const answer = (body: Json, reason = "OK"): Answer => ({ status: 200, reason, body });

function exchange(method: string, path: string, rest: Partial<Exchange> = {}): Exchange {
  return {
    seq: 1,
    method,
    path,
    params: {},
    enc: "form",
    auth: "token",
    status: 200,
    reason: "OK",
    body: null,
    stable: true,
    ...rest,
  };
}

const upid = (pid: string, tail = "qmcreate:100:root@pam!test"): string => `UPID:pve:${pid}:000C5BAA:6B039243:${tail}:`;

describe("differences", () => {
  test("other random names agree as long as they go together", () => {
    const names = new Names();
    const config = (mac: string): Answer => answer({ data: { net0: `virtio=${mac},bridge=vmbr0` } });
    expect(differences(config("BC:24:11:00:00:01"), config("BC:24:11:FF:FF:01"), names)).toEqual([]);
    expect(differences(config("BC:24:11:00:00:01"), config("BC:24:11:FF:FF:01"), names)).toEqual([]);
    expect(differences(config("BC:24:11:00:00:01"), config("BC:24:11:FF:FF:02"), names)).toHaveLength(1);
    expect(differences(config("BC:24:11:00:00:02"), config("BC:24:11:FF:FF:01"), names)).toHaveLength(1);
  });

  test("a name that the client chose has to come back as it is", () => {
    const names = new Names();
    names.toLive("virtio=BC:24:11:00:00:01,bridge=vmbr0");
    const net = (mac: string): Answer => answer({ data: { net0: `virtio=${mac}` } });
    expect(differences(net("BC:24:11:00:00:01"), net("BC:24:11:00:00:02"), names)).toHaveLength(1);
  });

  test("of a task's id the type, the guest and the user are compared", () => {
    expect(differences(answer({ data: upid("00000001") }), answer({ data: upid("00000002") }), new Names())).toEqual(
      [],
    );
    const other = answer({ data: upid("00000002", "qmcreate:101:root@pam!test") });
    expect(differences(answer({ data: upid("00000001") }), other, new Names())).toHaveLength(1);
  });

  test("status, reason, a missing key, another type and another text are seen", () => {
    const recorded = answer({ data: { memory: "4096", name: "a" } });
    expect(differences(recorded, answer({ data: { memory: 4096, name: "a" } }), new Names())).toHaveLength(1);
    expect(differences(recorded, answer({ data: { memory: "4096" } }), new Names())).toHaveLength(1);
    expect(differences(recorded, answer({ data: { memory: "4096", name: "a", cores: 1 } }), new Names())).toHaveLength(
      1,
    );
    expect(differences(recorded, answer(recorded.body, "no such VM"), new Names())).toHaveLength(1);
  });

  test("a setting that has a gauge's name is compared", () => {
    expect(
      differences(answer({ data: { cpu: "host" } }), answer({ data: { cpu: "kvm64" } }), new Names()),
    ).toHaveLength(1);
  });

  test("lists are sets, gauges and times are types, and nothing else is", () => {
    const list = (ids: readonly number[], mem: number, maxmem: number): Answer =>
      answer({ data: ids.map((vmid) => ({ vmid, mem, maxmem, ctime: mem })) });
    expect(differences(list([1, 2], 5, 9), list([2, 1], 6, 9), new Names())).toEqual([]);
    expect(differences(list([1, 2], 5, 9), list([2, 1], 6, 8), new Names())).toHaveLength(2);
    expect(differences(list([1, 2], 5, 9), list([2], 5, 9), new Names())).not.toEqual([]);
  });

  test("a storage's content is a set, whatever its order", () => {
    expect(canonical({ content: "iso,images" })).toEqual({ content: "images,iso" });
  });
});

describe("what the lab was never told", () => {
  test("a clone's guest is foreign until it is destroyed", () => {
    const unserved = new Unserved();
    const config = exchange("GET", "/nodes/pve/qemu/200/config");
    unserved.missed(exchange("POST", "/nodes/pve/qemu/100/clone", { params: { newid: 200 } }));
    expect(unserved.concerns(config)).toBe(true);
    expect(unserved.concerns(exchange("GET", "/nodes/pve/qemu/100/config"))).toBe(false);
    expect(unserved.without({ data: [{ vmid: 200 }, { vmid: 100 }] })).toEqual({ data: [{ vmid: 100 }] });
    expect(unserved.seenGone(exchange("DELETE", "/nodes/pve/qemu/200"))).toBe("200");
    expect(unserved.concerns(config)).toBe(false);
  });

  test("what was refused changed nothing, and agent calls change no configuration", () => {
    const unserved = new Unserved();
    unserved.missed(exchange("POST", "/nodes/pve/qemu/100/snapshot", { status: 500 }));
    unserved.missed(exchange("POST", "/nodes/pve/qemu/100/agent/ping"));
    expect(unserved.concerns(exchange("GET", "/nodes/pve/qemu/100/config"))).toBe(false);
    unserved.missed(exchange("POST", "/nodes/pve/qemu/100/snapshot"));
    expect(unserved.concerns(exchange("GET", "/nodes/pve/qemu/100/config"))).toBe(true);
  });

  test("a snapshot makes a guest foreign until it is deleted; one that failed does not", () => {
    const unserved = new Unserved(new Set([upid("00000002")]));
    const config = exchange("GET", "/nodes/pve/qemu/100/config");
    const snapshot = (name: string, task: string): Exchange =>
      exchange("POST", "/nodes/pve/qemu/100/snapshot", { params: { snapname: name }, body: { data: upid(task) } });
    unserved.missed(snapshot("b", "00000002"));
    expect(unserved.concerns(config)).toBe(false);
    unserved.missed(snapshot("a", "00000001"));
    expect(unserved.concerns(config)).toBe(true);
    unserved.missed(exchange("DELETE", "/nodes/pve/qemu/100/snapshot/a"));
    expect(unserved.concerns(config)).toBe(false);
  });

  test("a task that the lab never started is nobody's to poll", () => {
    const unserved = new Unserved();
    unserved.missed(exchange("POST", "/nodes/pve/vzdump", { body: { data: upid("00000001") } }));
    const poll = `/nodes/pve/tasks/${encodeURIComponent(upid("00000001"))}/status`;
    expect(unserved.concerns(exchange("GET", poll))).toBe(true);
  });
});

test("an endpoint is known by its template", () => {
  expect(isInUse("GET", "/nodes/pve/qemu/100/config")).toBe(true);
  expect(isInUse("GET", "/nodes/pve/qemu/100/snapshot")).toBe(false);
  expect(isInUse("POST", "/nodes/pve/qemu?vmid=146&name=q")).toBe(true);
  expect(isInUse("DELETE", "/nodes/pve/storage/local/content/iso/x.iso")).toBe(false);
});

test("outcomes are counted by verdict and reason", () => {
  const outcomes = [judged("a", []), judged("b", ["body"], "not stable"), judged("c", ["body"])];
  expect(tally(outcomes)).toEqual({ agree: 1, disagree: 1, leftOut: { "not stable": 1 }, agreeBesides: 0 });
});

test("users, tokens and rights that the recording makes are made behind the lab's back", () => {
  const world = recordedNode();
  const put = (path: string, params: Exchange["params"]): void => {
    editAccess(world, exchange("PUT", path, { params }));
  };
  editAccess(world, exchange("POST", "/access/users", { params: { userid: "bob@pve", password: "secret12" } }));
  editAccess(
    world,
    exchange("POST", "/access/users/bob@pve/token/full", { params: { privsep: 0 }, body: { data: { value: "s" } } }),
  );
  put("/access/acl", { path: "/vms", roles: "A,B", users: "bob@pve" });
  put("/access/acl", { path: "/vms", roles: "A", users: "bob@pve", delete: 1 });
  put("/access/users/bob@pve", { enable: 0 });
  expect(world.users["bob@pve"]).toEqual({ password: "secret12", enable: false, about: {} });
  expect(world.tokens["bob@pve!full"]).toEqual({ secret: "s", privsep: false });
  expect(world.acl).toEqual([{ type: "user", ugid: "bob@pve", path: "/vms", roleid: "B", propagate: true }]);
  editAccess(world, exchange("DELETE", "/access/users/bob@pve"));
  expect([world.users["bob@pve"], world.tokens["bob@pve!full"], world.acl]).toEqual([undefined, undefined, []]);
});

test("a guest that the recording shows whole is taken over with its volumes, a linked clone is not", () => {
  const world = recordedNode();
  const names = new Names();
  names.agree("uuid=00000000-0000-4000-8000-000000000001", "uuid=00000000-0000-4000-8000-00000000000a");
  const data = { digest: "0".repeat(40), smbios1: "uuid=00000000-0000-4000-8000-000000000001", cores: 2 };
  const shows = (more: Readonly<Record<string, Json>>): Exchange =>
    exchange("GET", "/nodes/pve/qemu/200/config", { body: { data: { ...data, ...more } } });
  adoptGuest(world, shows({ scsi0: "NAS:200/vm-200-disk-0.qcow2,size=9000M", scsi1: "/dev/loop0,size=64M" }), names);
  expect(world.vms[200]?.config).toEqual({
    smbios1: "uuid=00000000-0000-4000-8000-00000000000a",
    cores: "2",
    scsi0: "NAS:200/vm-200-disk-0.qcow2,size=9000M",
    scsi1: "/dev/loop0,size=64M",
  });
  const volumes = Object.values(world.volumes).filter(({ vmid }) => vmid === 200);
  expect(volumes).toMatchObject([{ volid: "NAS:200/vm-200-disk-0.qcow2", size: 9000 * 2 ** 20, format: "qcow2" }]);
  const linked = "NAS:120/base-120-disk-0.qcow2/200/vm-200-disk-0.qcow2,size=1G";
  expect([showsGuest(shows({})), showsGuest(shows({ scsi0: linked }))]).toEqual([true, false]);
});

test("a configuration file is read with its pending and cloud-init sections", () => {
  const text = "#a%20b\ncores: 2\n\n[PENDING]\ndelete: ide0,!scsi1\nmemory: 8192\n\n[special:cloudinit]\nciuser: a\n";
  expect(parseConfig(text)).toEqual({
    config: { description: "a b", cores: "2" },
    pending: { memory: "8192" },
    deletes: { ide0: 1, scsi1: 2 },
    cloudinit: { ciuser: "a" },
  });
});
