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
    /// A mobilenet-v2 network for inference: 0.0071 GMACs at 64 pixels.
    /// Maps and weights have their places from the start: after the first image nothing is allocated. One call at a time.
    /// </summary>
    public sealed unsafe class PureNet : IDisposable
    {
        /// <summary>Channels of an image.</summary>
        public const int Channels = 3;

        /// <summary>Side of an image in pixels.</summary>
        public const int Side = 64;

        /// <summary>Values of an embedding.</summary>
        public const int Width = 1280;

        private const int ImageLength = Channels * Side * Side;
        private const int C4Length = 8 * 32 * 32;
        private const int C5Length = 1280 * 16 * 16;
        private const int EmbeddingAt = 327696;

        private readonly Machine machine;
        private readonly Floats memory;
        private readonly ImageConvolution features_0_0;
        private readonly Depthwise features_1_conv_0_0;
        private readonly Linear features_1_conv_1;
        private readonly Linear features_2_conv_0_0;
        private readonly Depthwise features_2_conv_1_0;
        private readonly Linear features_2_conv_2;
        private readonly Linear features_3_conv_0_0;
        private readonly Depthwise features_3_conv_1_0;
        private readonly Linear features_3_conv_2;
        private readonly Linear features_4_0;
        private readonly AveragePool pool;

        private PureNet(Weights weights, Machine machine)
        {
            this.machine = machine;
            IsChecked = weights.IsChecked;
            memory = new(331808);
            features_0_0 = new(machine, weights.Folded("features.0.0", "features.0.1", 8, 3, 3), 3, 64, 3, 2, 1, Activation.Relu6);
            features_1_conv_0_0 = new(machine, weights.Folded("features.1.conv.0.0", "features.1.conv.0.1", 8, 1, 3), 32, 3, 1, Activation.Relu6);
            features_1_conv_1 = new(machine, 1024, weights.Folded("features.1.conv.1", "features.1.conv.2", 8, 8, 1), Activation.None);
            features_2_conv_0_0 = new(machine, 1024, weights.Folded("features.2.conv.0.0", "features.2.conv.0.1", 32, 8, 1), Activation.Relu6);
            features_2_conv_1_0 = new(machine, weights.Folded("features.2.conv.1.0", "features.2.conv.1.1", 32, 1, 5), 32, 5, 2, Activation.Relu6);
            features_2_conv_2 = new(machine, 256, weights.Folded("features.2.conv.2", "features.2.conv.3", 16, 32, 1), Activation.None);
            features_3_conv_0_0 = new(machine, 256, weights.Folded("features.3.conv.0.0", "features.3.conv.0.1", 64, 16, 1), Activation.Relu6);
            features_3_conv_1_0 = new(machine, weights.Folded("features.3.conv.1.0", "features.3.conv.1.1", 64, 1, 5), 16, 5, 1, Activation.Relu6);
            features_3_conv_2 = new(machine, 256, weights.Folded("features.3.conv.2", "features.3.conv.3", 16, 64, 1), Activation.None);
            features_4_0 = new(machine, 256, weights.Folded("features.4.0", "features.4.1", 1280, 16, 1), Activation.Relu6);
            pool = new(machine, 1280, 256);
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

        /// <summary>The embeddings: images [N, 3, 64, 64], normalised, -> [N, 1280].</summary>
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
        /// A picture of any size as evaluation shows it, [3, 64, 64]: its short side becomes 73 pixels (bilinear, antialiased, not rounded to bytes),
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
        /// C4 [N, 8, 32, 32],
        /// C5 [N, 1280, 16, 16].
        /// </summary>
        public void Features(ReadOnlySpan<float> images, Span<float> c4, Span<float> c5)
        {
            var count = CountOf(images);
            if (!c4.IsEmpty) Check(c4, count * C4Length, nameof(c4));
            if (!c5.IsEmpty) Check(c5, count * C5Length, nameof(c5));
            fixed (float* c4Maps = c4, c5Maps = c5)
            {
                for (var i = 0; i < count; i++) Run(images.Slice(i * ImageLength, ImageLength), At(c4Maps, i * C4Length), At(c5Maps, i * C5Length));
            }
        }

        private static float* At(float* maps, int offset) => maps == null ? null : maps + offset;

        /// <summary>One image through all passes; the shapes are [C, H, W].</summary>
        private void Run(ReadOnlySpan<float> image, float* c4, float* c5)
        {
            // Where maps lie: each at its place for as long as a pass needs it.
            float* a = memory.Pointer, b = memory.Pointer + 16400, c = memory.Pointer + 32784, d = memory.Pointer + 40992, e = memory.Pointer + 65552, f = memory.Pointer + 327696;
            image.CopyTo(new Span<float>(a, image.Length));

            // stem
            features_0_0.Run(a, e); // [8, 32, 32]

            // stage1
            features_1_conv_0_0.Run(e, a); // [8, 32, 32]
            features_1_conv_1.Run(a, c); // [8, 32, 32]
            if (c4 != null) Copy.ToPlanes(c, 1024, 8, c4);

            // stage2
            features_2_conv_0_0.Run(c, a); // [32, 32, 32]
            features_2_conv_1_0.Run(a, c); // [32, 16, 16]
            features_2_conv_2.Run(c, d); // [16, 16, 16]
            features_3_conv_0_0.Run(d, a); // [64, 16, 16]
            features_3_conv_1_0.Run(a, b); // [64, 16, 16]
            features_3_conv_2.Run(b, f, d); // [16, 16, 16]

            // head
            features_4_0.Run(f, a); // [1280, 16, 16]
            if (c5 != null) Copy.ToPlanes(a, 256, 1280, c5);

            pool.Run(a, f); // [1280, 1, 1]

            // The passes hold pointers alone, which keep no memory alive.
            GC.KeepAlive(this);
        }

        private static int CountOf(ReadOnlySpan<float> images)
        {
            if (images.Length % ImageLength != 0) throw new ArgumentException($"{images.Length} values are no images of 3 x 64 x 64", nameof(images));
            return images.Length / ImageLength;
        }

        private static void Check(ReadOnlySpan<float> target, int length, string name)
        {
            if (target.Length != length) throw new ArgumentException($"{target.Length} values, where {length} are given", name);
        }
    }
}

