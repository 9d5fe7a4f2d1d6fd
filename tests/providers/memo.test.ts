import type { ProxmoxClient } from "../../providers/proxmox/client";
import { memo } from "../../providers/memo";

const client = (): ProxmoxClient => ({}) as ProxmoxClient;

describe("a listing that many ask for", () => {
  test("is asked for once at a time, and anew when it is old", async () => {
    let now = 0;
    const load = jest.fn((asked: ProxmoxClient) => Promise.resolve({ asked, at: now }));
    const listing = memo(load, 2000, () => now);
    const [one, other] = [client(), client()];
    const [first, second] = await Promise.all([listing.get(one), listing.get(one)]);
    expect(first).toBe(second);
    expect((await listing.get(other)).asked).toBe(other);
    expect(load).toHaveBeenCalledTimes(2);
    now = 2000;
    expect((await listing.get(one)).at).toBe(2000);
  });

  test("is asked for anew after a change of ours", async () => {
    let vms = 1;
    const listing = memo(
      () => Promise.resolve(vms),
      2000,
      () => 0,
    );
    const one = client();
    expect(await listing.get(one)).toBe(1);
    vms = 2;
    listing.forget(one);
    expect(await listing.get(one)).toBe(2);
  });

  test("that failed is not remembered", async () => {
    const load = jest.fn().mockRejectedValueOnce(new Error("unreachable")).mockResolvedValue("there");
    const listing = memo(load as () => Promise<string>, 2000, () => 0);
    const one = client();
    await expect(listing.get(one)).rejects.toThrow("unreachable");
    expect(await listing.get(one)).toBe("there");
  });
});
