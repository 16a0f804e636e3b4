// node embed.mjs MODEL.onnx SIDE: reads images [3, SIDE, SIDE] as raw 32-bit floats and answers each with its embedding: how many floats, then the floats.
// A process of its own, as not every registry has ONNX Runtime's .NET package; npm install --ignore-scripts onnxruntime-node
import ort from "onnxruntime-node";

const [model, side] = process.argv.slice(2);
const session = await ort.InferenceSession.create(model);
const [shape, size] = [[1, 3, Number(side), Number(side)], 3 * side * side * Float32Array.BYTES_PER_ELEMENT];

let held = Buffer.alloc(0);
for await (const chunk of process.stdin) {
  held = Buffer.concat([held, chunk]);
  for (; held.length >= size; held = held.subarray(size)) {
    const values = new Float32Array(held.buffer.slice(held.byteOffset, held.byteOffset + size));
    const { embedding } = await session.run({ images: new ort.Tensor("float32", values, shape) }, ["embedding"]);
    const { data } = embedding;
    process.stdout.write(new Uint8Array(Uint32Array.of(data.length).buffer));
    process.stdout.write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
}
