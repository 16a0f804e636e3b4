// node onnx.mjs MODULES JOBS: runs models with ONNX Runtime. A job is { model, images, shape, results }: raw floats in, RESULTS.NAME raw floats out for each output.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [modules, jobs] = process.argv.slice(2);
const ort = createRequire(join(modules, "here.js"))("onnxruntime-node");
for (const { model, images, shape, results } of JSON.parse(readFileSync(jobs))) {
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const bytes = readFileSync(images);
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const outputs = await session.run({ images: new ort.Tensor("float32", values, shape) });
  for (const [name, output] of Object.entries(outputs)) writeFileSync(`${results}.${name}`, new Uint8Array(output.data.buffer, output.data.byteOffset, output.data.byteLength));
  await session.release();
}
