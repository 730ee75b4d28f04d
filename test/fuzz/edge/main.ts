/** `npm run fuzz:edge -- [frames] [seed]`: a million hostile frames at both doors, unless told otherwise. */
import { fuzzEdge } from "./fuzz.ts";

const [frames = "1000000", seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
if (!Number.isSafeInteger(Number(frames)) || Number(frames) < 1 || !Number.isSafeInteger(Number(seed))) {
  process.stderr.write("Usage: npm run fuzz:edge -- [frames] [seed], both whole numbers\n");
  process.exit(2);
}
const say = (text: string) => process.stdout.write(`${text}\n`);

say(`seed ${seed}`);
const begun = performance.now();
const seconds = () => Math.round((performance.now() - begun) / 1_000);
let said = 0;
const { troubles, ...figures } = await fuzzEdge({
  seed: Number(seed),
  frames: Number(frames),
  onProgress: (done) => {
    if (done - said < Number(frames) / 10) return;
    said = done;
    say(`${done} of ${frames}, ${seconds()} s`);
  },
});
for (const [name, figure] of Object.entries(figures)) say(`${name.padEnd(10)}${JSON.stringify(figure)}`);
for (const trouble of troubles) say(`TROUBLE   ${trouble}`);
say(`${troubles.length} troubles, ${seconds()} s`);
process.exit(troubles.length > 0 ? 1 : 0);
