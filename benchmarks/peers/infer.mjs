// node infer.mjs MODULES MODEL THREADS SIZE: ONNX Runtime as a contestant of `datassl bench infer`. A line is a batch size, the answer the mean seconds of a run,
// over a tenth of a second after one that is not counted; after an empty line, the resident bytes.
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const [modules, model, threads, size] = process.argv.slice(2);
const ort = createRequire(join(modules, "here.js"))("onnxruntime-node");
const session = await ort.InferenceSession.create(model, { intraOpNumThreads: Number(threads), interOpNumThreads: 1, graphOptimizationLevel: "all" });
const images = new Map();
const steadySeconds = 0.1;
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  if (!line) break;
  const batch = Number(line);
  if (!images.has(batch))
    images.set(batch, new ort.Tensor("float32", Float32Array.from({ length: batch * 3 * size * size }, () => 2 * Math.random() - 1), [batch, 3, Number(size), Number(size)]));
  const run = () => session.run({ images: images.get(batch) });
  await run();
  const start = performance.now();
  let passes = 0, seconds = 0;
  while (passes === 0 || seconds < steadySeconds) {
    await run();
    passes++;
    seconds = (performance.now() - start) / 1000;
  }
  console.log(seconds / passes);
}
console.log(process.resourceUsage().maxRSS * 1024);
// The input stays open for as long as the benchmark runs.
process.exit(0);
