/**
 * A race: all contenders of a case live at once and take turns, round by round, so that whatever else the machine does
 * slows them alike. In a round each takes as many steps as fill about 25 ms, for a worker's clock ticks in tenths of a
 * millisecond. Before that, the losses of the first steps are compared: a contender that computes something else ends
 * the run.
 */
import { rowOf } from "./races.mjs";

const turnMs = 25;
/** A race of slow contenders has fewer rounds, so that it ends in about so many milliseconds. */
const raceMs = 60_000;
const fewest = 3;

export const median = (list) => {
  const sorted = list.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

/** What a contender is asked with: the worker, or PyTorch on so many threads. */
function doorOf(id, net, { worker, pytorch, cases }) {
  const [who, backend] = id.split(" ");
  if (who !== "pytorch")
    return {
      make: (steps) => worker.ask("make", id, who, backend, net.name, steps),
      time: (steps) => worker.ask("time", id, steps),
      dispose: () => worker.ask("dispose", id),
    };
  const process = pytorch[backend];
  const make = "sizes" in net ? ["mlp", net.sizes] : ["unet", net.unet, cases.formsOf(cases.unet(net.unet))];
  return {
    make: (steps) => process.ask(...make, net.batchSize, cases.adam, steps),
    time: (steps) => process.ask("time", steps),
    dispose: () => {},
  };
}

/** The contenders of a race with the times of their turns: `{ id, times, steps }`, steps being those of one turn. */
export async function race({ case: name, ours, rivals, tolerance = 1e-3 }, context, { rounds, say }) {
  const net = context.cases.caseOf(name);
  const warmUp = "points" in net ? 1 : "sizes" in net ? 3 : 2;
  const racing = [];
  for (const id of [ours, ...rivals.map((rival) => rival.id)]) {
    if (id.startsWith("pytorch") && !context.pytorch) continue;
    const door = doorOf(id, net, context);
    const losses = await door.make(warmUp);
    say(`${name}: ${id} gives ${losses.map((x) => x.toPrecision(5)).join(", ")}`);
    racing.push({ id, door, losses, times: [] });
  }
  const [reference] = racing;
  for (const { id, losses } of racing)
    if (losses.some((loss, i) => !(Math.abs(loss / reference.losses[i] - 1) < tolerance)))
      throw new Error(`${name}: ${id} gives ${losses}, but ${reference.id} ${reference.losses}`);

  for (const one of racing) {
    const once = await one.door.time(1);
    const each = once > turnMs ? once : await one.door.time(Math.max(1, Math.round(10 / once)));
    one.steps = Math.max(1, Math.round(turnMs / each));
    one.turn = each * one.steps;
  }
  const whole = racing.reduce((sum, { turn }) => sum + turn, 0);
  const turns = Math.max(fewest, Math.min(rounds, Math.round(raceMs / whole)));
  for (let round = 0; round < turns; round++)
    for (const one of racing) one.times.push(await one.door.time(one.steps));
  for (const { door } of racing) await door.dispose();
  return racing.map(({ id, times, steps }) => ({ id, times, steps }));
}

/** The rows of a race: ours against each rival, medians in milliseconds. */
export function rowsOf(entry, results) {
  const figures = ({ times, steps }) => ({
    ms: Number(median(times).toPrecision(4)),
    minMs: Number(Math.min(...times).toPrecision(4)),
    runs: times.length * steps,
  });
  const ours = figures(results[0]);
  return entry.rivals.flatMap(({ id, called, least }) => {
    const rival = results.find((result) => result.id === id);
    if (!rival) return [];
    const theirs = figures(rival);
    const ratio = Number((theirs.ms / ours.ms).toPrecision(3));
    return [
      {
        row: rowOf(entry),
        against: called,
        unit: "ms",
        ours: ours.ms,
        theirs: theirs.ms,
        ratio,
        least,
        met: met(ratio, least),
        detail: { ours, theirs },
      },
    ];
  });
}

/** Whether a ratio is at least what is wanted; undefined where nothing is. */
export const met = (ratio, least) => (least === undefined ? undefined : ratio >= least);
