/** `npm run fuzz -- [count] [seed]`: a million hostile events and requests, unless told otherwise. */
import { fuzzWorker } from "./worker-fuzz.ts";

const [count = "1000000", seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
const half = Math.max(1, Math.floor(Number(count) / 2));
if (!Number.isSafeInteger(half) || !Number.isSafeInteger(Number(seed))) {
  process.stderr.write("Usage: npm run fuzz -- [count] [seed], both whole numbers\n");
  process.exit(2);
}
const say = (text: string) => process.stdout.write(`${text}\n`);

let unhandled = 0;
process.on("unhandledRejection", () => unhandled++);
say(`seed ${seed}`);
const begun = performance.now();
let said = 0;
const { events, requests, heap } = await fuzzWorker({
  seed: Number(seed),
  events: half,
  requests: half,
  onProgress: (done) => {
    if (done - said < half / 5) return;
    said = done;
    say(`${done} of ${half * 2}, ${Math.round((performance.now() - begun) / 1_000)} s`);
  },
});
say(`events    ${JSON.stringify(events)}`);
say(`requests  ${JSON.stringify(requests)}`);
say(
  `heap      ${(heap.early / 2 ** 20).toFixed(1)} MiB after a tenth, ${(heap.late / 2 ** 20).toFixed(1)} MiB at the end`,
);
say(`${unhandled} unhandled rejections, 0 crashes`);
process.exit(unhandled > 0 ? 1 : 0);
