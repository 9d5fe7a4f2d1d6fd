/** A lifecycle that does nothing: the engine's own cost is what is left. */
import type { Lifecycle } from "../../providers/lifecycle";

interface Nothing {
  readonly index: number;
}

export const lifecycle: Lifecycle<Nothing> = {
  check: (_olds, news) => Promise.resolve({ inputs: news as Nothing, failures: [] }),
  diff: () => Promise.resolve({}),
  create: (inputs) => Promise.resolve({ id: String(inputs.index), outs: inputs }),
  read: (id, state) => Promise.resolve({ id, props: state, inputs: { index: state.index } }),
  update: (_id, _olds, news) => Promise.resolve({ outs: news }),
  delete: () => Promise.resolve(),
};
