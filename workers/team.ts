/** A training run in one worker, or in several that share every batch, seen as one session. */
import { transfer } from "comlink";
import type { Net } from "../dsl/net.js";
import { checkCount } from "../runtime/limits.js";
import type { TrainOptions } from "../runtime/training.js";
import { type Held, open, type Seat, seats } from "./pool.js";
import type { FollowSession, TrainSession } from "./protocol.js";

/**
 * Starts a run in `options.replicas` workers. The session is that of the first; the others follow it, end with it, and
 * take it with them when they fail.
 */
export async function openTraining(net: Net, options: TrainOptions): Promise<Held<TrainSession>> {
  const { replicas = 1 } = options;
  checkCount("replicas", replicas);
  if (replicas === 1) return open((service) => service.train(net, options));
  const [first, ...others] = seats(replicas) as readonly [Seat, ...Seat[]];
  const channels = others.map(() => new MessageChannel());
  const followers = others.map((seat, i) => {
    const { port2 } = channels[i] as MessageChannel;
    const place = { index: i + 1, count: replicas };
    return seat.open((service) => service.follow(net, options, place, transfer(port2, [port2])));
  });
  const ports = channels.map(({ port1 }) => port1);
  const leading = first.open((service) => service.train(net, options, transfer(ports, ports)));
  for (const follower of followers) tellFailure(follower, leading);
  try {
    const held = await leading;
    return {
      call: (ask) => held.call(ask),
      release() {
        held.release();
        letGo(followers);
      },
    };
  } catch (error) {
    letGo(followers);
    throw error;
  }
}

/** A replica that fails ends the run, if it has not ended yet. */
async function tellFailure(
  follower: Promise<Held<FollowSession>>,
  leading: Promise<Held<TrainSession>>,
): Promise<void> {
  const failed = await follower.then((held) => held.call((session) => session.end())).catch((e: Error) => e);
  if (!(failed instanceof Error)) return;
  const { name, message } = failed;
  await leading.then((held) => held.call((session) => session.fail({ name, message }))).catch(() => {});
}

function letGo(followers: readonly Promise<Held<FollowSession>>[]): void {
  for (const follower of followers)
    follower
      .then(async (held) => {
        await held.call((session) => session.stop()).catch(() => {}); // it is gone
        held.release();
      })
      .catch(() => {}); // it never was
}
