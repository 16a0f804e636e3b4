// node infer.mjs MODULES MODEL THREADS SIZE: ONNX Runtime as a contestant of `datassl bench infer`. A line is a batch size, the answer the seconds of one run;
// after an empty line, the resident bytes.
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const [modules, model, threads, size] = process.argv.slice(2);
const ort = createRequire(join(modules, "here.js"))("onnxruntime-node");
const session = await ort.InferenceSession.create(model, { intraOpNumThreads: Number(threads), interOpNumThreads: 1, graphOptimizationLevel: "all" });
const images = new Map();
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  if (!line) break;
  const batch = Number(line);
  if (!images.has(batch))
    images.set(batch, new ort.Tensor("float32", Float32Array.from({ length: batch * 3 * size * size }, () => 2 * Math.random() - 1), [batch, 3, Number(size), Number(size)]));
  const start = performance.now();
  await session.run({ images: images.get(batch) });
  console.log((performance.now() - start) / 1000);
}
console.log(process.resourceUsage().maxRSS * 1024);
// The input stays open for as long as the benchmark runs.
process.exit(0);
