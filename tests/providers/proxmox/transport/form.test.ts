import fc from "fast-check";
import { encodeForm } from "../../../../providers/proxmox/form";

/** As PVE 8.4 reads a form: pairs at `&` and `;`, key and value at every `=`, `+` is a blank. */
const readAsProxmox = (form: string): Record<string, string | undefined> =>
  Object.fromEntries(
    form.split(/[&;]/).map((pair) => {
      const [key = "", value] = pair.split("=").map((text) => decodeURIComponent(text.replaceAll("+", " ")));
      return [key, value];
    }),
  );

it("sends property strings so that Proxmox's splitting at every '=' leaves them whole", () => {
  expect(encodeForm({ net0: "virtio,bridge=vmbr0" })).toBe("net0=virtio%2Cbridge%3Dvmbr0");
});

it("sends booleans as 1 and 0, and leaves out what is undefined", () => {
  expect(encodeForm({ onboot: true, agent: false, cores: 4, name: undefined })).toBe("onboot=1&agent=0&cores=4");
});

it("sends a blank as %20, never as a plus", () => {
  expect(encodeForm({ description: "a b+c" })).toBe("description=a%20b%2Bc");
});

it("is read back by Proxmox as it was given, whatever it holds", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ minLength: 1, unit: "grapheme" }), fc.string({ unit: "grapheme" }), { minKeys: 1 }),
      (params) => {
        expect({ ...readAsProxmox(encodeForm(params)) }).toEqual({ ...params });
      },
    ),
  );
});

it("sends nothing but unreserved characters and escapes", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary-ascii" })), (text) => {
      expect(encodeForm({ key: text })).toMatch(/^key=(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*$/);
    }),
  );
});
