// node ort_infer.mjs MODEL.onnx THREADS COUNT [SIDE]: milliseconds of ONNX Runtime for one image, one line of JSON. Needs onnxruntime-node where it is run from.
import { createRequire } from "node:module";
import { join } from "node:path";

const ort = createRequire(join(process.cwd(), "here.js"))("onnxruntime-node");
const [model, threads, count, side = 224] = process.argv.slice(2);
const session = await ort.InferenceSession.create(model, { intraOpNumThreads: Number(threads), interOpNumThreads: 1, graphOptimizationLevel: "all" });
const image = new ort.Tensor("float32", Float32Array.from({ length: 3 * side * side }, () => 2 * Math.random() - 1), [1, 3, Number(side), Number(side)]);
const feeds = { [session.inputNames[0]]: image };

const times = [];
for (let i = -Math.ceil(count / 4); i < count; i++) {
  const start = performance.now();
  await session.run(feeds);
  if (i >= 0) times.push(performance.now() - start);
}
times.sort((a, b) => a - b);
console.log(JSON.stringify({ model, threads: Number(threads), minimum: times[0], median: times[Math.floor(times.length / 2)] }));
