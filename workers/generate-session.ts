/** Samples being drawn in this thread, which stays free for messages. */
import { transfer } from "comlink";
import type { Net } from "../dsl/net.js";
import {
  createGenerator,
  type Generated,
  type GenerateOptions,
  type Generator,
} from "../runtime/generator.js";
import type { Idle } from "../runtime/idle.js";
import { breathe } from "./breathe.js";
import { Mailbox } from "./mailbox.js";
import type { GenerateSession } from "./protocol.js";

/** Milliseconds of work between two looks at the messages. */
const slice = 40;

/** Begins to draw samples. With `idle` the next ones of the same model and count need not compile. */
export const startGenerating = async (
  model: Net,
  options: GenerateOptions,
  idle: Idle,
): Promise<GenerateSession> => generateSession(await createGenerator(model, options, idle));

/** Drives the generator to its end, and owns it: it is disposed then. */
function generateSession(generator: Generator): GenerateSession {
  const reports = new Mailbox<number>((unread) => unread.at(-1) as number);
  let stopped = false;
  const drive = async (): Promise<Generated | null> => {
    try {
      for (let done = false; !done; await breathe()) {
        if (stopped) return null;
        done = await generator.run(slice);
        reports.put(generator.fraction);
      }
      const generated = generator.result();
      const arrays = [generated.samples, generated.trajectory].filter((array) => array !== undefined);
      return transfer(
        generated,
        arrays.map(({ data }) => data.buffer as ArrayBuffer),
      );
    } finally {
      reports.close();
      generator.dispose();
    }
  };
  const end = drive();
  end.catch(() => {}); // whoever asks for the end gets the error
  return {
    next: () => reports.take(),
    end: () => end,
    stop: async () => {
      stopped = true;
    },
  };
}
