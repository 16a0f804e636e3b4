// Needs .NET 9 or later, <AllowUnsafeBlocks>true</AllowUnsafeBlocks> and nothing else.
#nullable enable

using Acme.Models.PureNetKernels;
using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using System.Threading;

namespace Acme.Models
{
    /// <summary>
    /// A resnet-bottleneck network for inference: 0.0012 GMACs at 32 pixels.
    /// Maps and weights have their places from the start: after the first image nothing is allocated. One call at a time.
    /// </summary>
    public sealed unsafe class PureNet : IDisposable
    {
        /// <summary>Channels of an image.</summary>
        public const int Channels = 3;

        /// <summary>Side of an image in pixels.</summary>
        public const int Side = 32;

        /// <summary>Values of an embedding.</summary>
        public const int Width = 24;

        private const int ImageLength = Channels * Side * Side;
        private const int C2Length = 16 * 32 * 32;
        private const int C3Length = 24 * 16 * 16;
        private const int EmbeddingAt = 8208;

        private readonly Machine machine;
        private readonly Floats memory;
        private readonly ImageConvolution conv1;
        private readonly Linear layer1_0_downsample_0;
        private readonly Linear layer1_0_conv1;
        private readonly Convolution layer1_0_conv2;
        private readonly Linear layer1_0_conv3;
        private readonly Linear layer1_1_conv1;
        private readonly Convolution layer1_1_conv2;
        private readonly Linear layer1_1_conv3;
        private readonly Convolution layer2_0_downsample_0;
        private readonly Linear layer2_0_conv1;
        private readonly Convolution layer2_0_conv2;
        private readonly Linear layer2_0_conv3;
        private readonly AveragePool pool;

        private PureNet(Weights weights, Machine machine)
        {
            this.machine = machine;
            IsChecked = weights.IsChecked;
            memory = new(49200);
            conv1 = new(machine, weights.Folded("conv1", "bn1", 8, 3, 3), 3, 32, 3, 1, 1, Activation.Relu);
            layer1_0_downsample_0 = new(machine, 1024, weights.Folded("layer1.0.downsample.0", "layer1.0.downsample.1", 16, 8, 1), Activation.None);
            layer1_0_conv1 = new(machine, 1024, weights.Folded("layer1.0.conv1", "layer1.0.bn1", 4, 8, 1), Activation.Relu);
            layer1_0_conv2 = new(machine, weights.Folded("layer1.0.conv2", "layer1.0.bn2", 4, 4, 3).ChannelsLast(4), 4, 32, 3, 1, Activation.Relu);
            layer1_0_conv3 = new(machine, 1024, weights.Folded("layer1.0.conv3", "layer1.0.bn3", 16, 4, 1), Activation.Relu);
            layer1_1_conv1 = new(machine, 1024, weights.Folded("layer1.1.conv1", "layer1.1.bn1", 4, 16, 1), Activation.Relu);
            layer1_1_conv2 = new(machine, weights.Folded("layer1.1.conv2", "layer1.1.bn2", 4, 4, 3).ChannelsLast(4), 4, 32, 3, 1, Activation.Relu);
            layer1_1_conv3 = new(machine, 1024, weights.Folded("layer1.1.conv3", "layer1.1.bn3", 16, 4, 1), Activation.Relu);
            layer2_0_downsample_0 = new(machine, weights.Folded("layer2.0.downsample.0", "layer2.0.downsample.1", 24, 16, 1).ChannelsLast(16), 16, 32, 1, 2, Activation.None);
            layer2_0_conv1 = new(machine, 1024, weights.Folded("layer2.0.conv1", "layer2.0.bn1", 6, 16, 1), Activation.Relu);
            layer2_0_conv2 = new(machine, weights.Folded("layer2.0.conv2", "layer2.0.bn2", 6, 6, 3).ChannelsLast(6), 6, 32, 3, 2, Activation.Relu);
            layer2_0_conv3 = new(machine, 256, weights.Folded("layer2.0.conv3", "layer2.0.bn3", 24, 6, 1), Activation.Relu);
            pool = new(machine, 24, 256);
        }

        /// <summary>Whether the file of weights has a checksum, which it has passed; one of another writer has none, and a changed value in it goes unseen.</summary>
        public bool IsChecked { get; }

        /// <summary>Loads weights of 32 or 16 bits from a safetensors file with this network's keys, and prepares them for this machine.</summary>
        /// <param name="path">The file; a classification head in it is passed over where this class has none.</param>
        /// <param name="threads">Threads that share the work of each image.</param>
        /// <param name="vectorBits">128, 256 or 512; 0 for the widest that the machine has.</param>
        /// <exception cref="InvalidDataException">A tensor is missing, has another shape or type, or is not finite or of another network; or the file is damaged.</exception>
        public static PureNet Load(string path, int threads = 1, int vectorBits = 0)
        {
            var weights = new Weights(path);
            var machine = new Machine(threads, vectorBits);
            try
            {
                var network = new PureNet(weights, machine);
                weights.MustBeAllRead();
                return network;
            }
            catch
            {
                machine.Dispose();
                throw;
            }
        }

        /// <summary>Ends the threads.</summary>
        public void Dispose() => machine.Dispose();

        /// <summary>The embeddings: images [N, 3, 32, 32], normalised, -> [N, 24].</summary>
        public void Embed(ReadOnlySpan<float> images, Span<float> embeddings)
        {
            var count = CountOf(images);
            Check(embeddings, count * Width, nameof(embeddings));
            for (var i = 0; i < count; i++)
            {
                Run(images.Slice(i * ImageLength, ImageLength), null, null);
                new ReadOnlySpan<float>(memory.Pointer + EmbeddingAt, Width).CopyTo(embeddings[(i * Width)..]);
            }
        }

        private static readonly double[] Mean = [0.485, 0.456, 0.406], Deviation = [0.229, 0.224, 0.225];

        /// <summary>
        /// A picture of any size as evaluation shows it, [3, 32, 32]: its short side becomes 37 pixels (bilinear, antialiased, not rounded to bytes),
        /// the middle square is taken, and each channel from 0 to 1 loses ImageNet's mean and is divided by its deviation.
        /// </summary>
        /// <param name="rgb">[height, width, 3]: red, green and blue of each pixel, row by row, the picture upright.</param>
        /// <param name="width">Columns of the picture.</param>
        /// <param name="height">Rows of the picture.</param>
        /// <exception cref="ArgumentException">The bytes are not three for each pixel.</exception>
        /// <param name="image">Where it goes.</param>
        public static void Preprocess(ReadOnlySpan<byte> rgb, int width, int height, Span<float> image) =>
            CenterCrop.Write(rgb, width, height, Side, Mean, Deviation, image);

        /// <summary>The embedding of a picture.</summary>
        /// <inheritdoc cref="Preprocess"/>
        public float[] Embed(ReadOnlySpan<byte> rgb, int width, int height)
        {
            var (image, values) = (new float[ImageLength], new float[Width]);
            Preprocess(rgb, width, height, image);
            Embed(image, values);
            return values;
        }

        /// <summary>
        /// The feature maps for dense tasks; an empty span for a map that is not wanted:
        /// C2 [N, 16, 32, 32],
        /// C3 [N, 24, 16, 16].
        /// </summary>
        public void Features(ReadOnlySpan<float> images, Span<float> c2, Span<float> c3)
        {
            var count = CountOf(images);
            if (!c2.IsEmpty) Check(c2, count * C2Length, nameof(c2));
            if (!c3.IsEmpty) Check(c3, count * C3Length, nameof(c3));
            fixed (float* c2Maps = c2, c3Maps = c3)
            {
                for (var i = 0; i < count; i++) Run(images.Slice(i * ImageLength, ImageLength), At(c2Maps, i * C2Length), At(c3Maps, i * C3Length));
            }
        }

        private static float* At(float* maps, int offset) => maps == null ? null : maps + offset;

        /// <summary>One image through all passes; the shapes are [C, H, W].</summary>
        private void Run(ReadOnlySpan<float> image, float* c2, float* c3)
        {
            // Where maps lie: each at its place for as long as a pass needs it.
            float* a = memory.Pointer, b = memory.Pointer + 8208, c = memory.Pointer + 16400, d = memory.Pointer + 32800;
            image.CopyTo(new Span<float>(a, image.Length));

            // stem
            conv1.Run(a, c); // [8, 32, 32]

            // stage1
            layer1_0_downsample_0.Run(c, a); // [16, 32, 32]
            layer1_0_conv1.Run(c, d); // [4, 32, 32]
            layer1_0_conv2.Run(d, c); // [4, 32, 32]
            layer1_0_conv3.Run(c, d, a); // [16, 32, 32]
            layer1_1_conv1.Run(d, a); // [4, 32, 32]
            layer1_1_conv2.Run(a, c); // [4, 32, 32]
            layer1_1_conv3.Run(c, a, d); // [16, 32, 32]
            if (c2 != null) Copy.ToPlanes(a, 1024, 16, c2);

            // stage2
            layer2_0_downsample_0.Run(a, d); // [24, 16, 16]
            layer2_0_conv1.Run(a, c); // [6, 32, 32]
            layer2_0_conv2.Run(c, b); // [6, 16, 16]
            layer2_0_conv3.Run(b, a, d); // [24, 16, 16]
            if (c3 != null) Copy.ToPlanes(a, 256, 24, c3);

            pool.Run(a, b); // [24, 1, 1]

            // The passes hold pointers alone, which keep no memory alive.
            GC.KeepAlive(this);
        }

        private static int CountOf(ReadOnlySpan<float> images)
        {
            if (images.Length % ImageLength != 0) throw new ArgumentException($"{images.Length} values are no images of 3 x 32 x 32", nameof(images));
            return images.Length / ImageLength;
        }

        private static void Check(ReadOnlySpan<float> target, int length, string name)
        {
            if (target.Length != length) throw new ArgumentException($"{target.Length} values, where {length} are given", name);
        }
    }
}

