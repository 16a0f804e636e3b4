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
    /// A vit network with a head for 10 classes for inference: 0.0046 GMACs at 32 pixels.
    /// Maps and weights have their places from the start: after the first image nothing is allocated. One call at a time.
    /// </summary>
    public sealed unsafe class PureNet : IDisposable
    {
        /// <summary>Channels of an image.</summary>
        public const int Channels = 3;

        /// <summary>Side of an image in pixels.</summary>
        public const int Side = 32;

        /// <summary>Values of an embedding.</summary>
        public const int Width = 96;

        /// <summary>Classes of the head.</summary>
        public const int Classes = 10;

        private const int ImageLength = Channels * Side * Side;
        private const int C4Length = 96 * 4 * 4;
        private const int C5Length = 96 * 4 * 4;
        private const int EmbeddingAt = 1648;
        private const int LogitsAt = 0;

        private readonly Machine machine;
        private readonly Floats memory;
        private readonly Positions positions;
        private readonly ImageConvolution patch_embed_proj;
        private readonly LayerNorm blocks_0_norm1;
        private readonly Linear blocks_0_attn_qkv;
        private readonly Attention blocks_0_attn_heads;
        private readonly Linear blocks_0_attn_proj;
        private readonly LayerNorm blocks_0_norm2;
        private readonly Linear blocks_0_mlp_fc1;
        private readonly Gelu blocks_0_mlp_act;
        private readonly Linear blocks_0_mlp_fc2;
        private readonly LayerNorm blocks_1_norm1;
        private readonly Linear blocks_1_attn_qkv;
        private readonly Attention blocks_1_attn_heads;
        private readonly Linear blocks_1_attn_proj;
        private readonly LayerNorm blocks_1_norm2;
        private readonly Linear blocks_1_mlp_fc1;
        private readonly Gelu blocks_1_mlp_act;
        private readonly Linear blocks_1_mlp_fc2;
        private readonly LayerNorm blocks_2_norm1;
        private readonly Linear blocks_2_attn_qkv;
        private readonly Attention blocks_2_attn_heads;
        private readonly Linear blocks_2_attn_proj;
        private readonly LayerNorm blocks_2_norm2;
        private readonly Linear blocks_2_mlp_fc1;
        private readonly Gelu blocks_2_mlp_act;
        private readonly Linear blocks_2_mlp_fc2;
        private readonly LayerNorm norm;
        private readonly Linear head;

        private PureNet(Weights weights, Machine machine)
        {
            this.machine = machine;
            IsChecked = weights.IsChecked;
            memory = new(18048);
            positions = new(weights.Read("cls_token", 1, 1, 96), weights.Read("pos_embed", 1, 17, 96), 4);
            patch_embed_proj = new(machine, weights.Convolution("patch_embed.proj", 96, 3, 8), 3, 32, 8, 8, 0, Activation.None);
            blocks_0_norm1 = new(machine, 17, weights.Read("blocks.0.norm1.weight", 96), weights.Read("blocks.0.norm1.bias", 96));
            blocks_0_attn_qkv = new(machine, 17, weights.Linear("blocks.0.attn.qkv", 192, 96));
            blocks_0_attn_heads = new(machine, 17, 1, 64);
            blocks_0_attn_proj = new(machine, 17, weights.Linear("blocks.0.attn.proj", 96, 64));
            blocks_0_norm2 = new(machine, 17, weights.Read("blocks.0.norm2.weight", 96), weights.Read("blocks.0.norm2.bias", 96));
            blocks_0_mlp_fc1 = new(machine, 17, weights.Linear("blocks.0.mlp.fc1", 288, 96));
            blocks_0_mlp_act = new(machine, 4896);
            blocks_0_mlp_fc2 = new(machine, 17, weights.Linear("blocks.0.mlp.fc2", 96, 288));
            blocks_1_norm1 = new(machine, 17, weights.Read("blocks.1.norm1.weight", 96), weights.Read("blocks.1.norm1.bias", 96));
            blocks_1_attn_qkv = new(machine, 17, weights.Linear("blocks.1.attn.qkv", 192, 96));
            blocks_1_attn_heads = new(machine, 17, 1, 64);
            blocks_1_attn_proj = new(machine, 17, weights.Linear("blocks.1.attn.proj", 96, 64));
            blocks_1_norm2 = new(machine, 17, weights.Read("blocks.1.norm2.weight", 96), weights.Read("blocks.1.norm2.bias", 96));
            blocks_1_mlp_fc1 = new(machine, 17, weights.Linear("blocks.1.mlp.fc1", 288, 96));
            blocks_1_mlp_act = new(machine, 4896);
            blocks_1_mlp_fc2 = new(machine, 17, weights.Linear("blocks.1.mlp.fc2", 96, 288));
            blocks_2_norm1 = new(machine, 17, weights.Read("blocks.2.norm1.weight", 96), weights.Read("blocks.2.norm1.bias", 96));
            blocks_2_attn_qkv = new(machine, 17, weights.Linear("blocks.2.attn.qkv", 384, 96));
            blocks_2_attn_heads = new(machine, 17, 2, 64);
            blocks_2_attn_proj = new(machine, 17, weights.Linear("blocks.2.attn.proj", 96, 128));
            blocks_2_norm2 = new(machine, 17, weights.Read("blocks.2.norm2.weight", 96), weights.Read("blocks.2.norm2.bias", 96));
            blocks_2_mlp_fc1 = new(machine, 17, weights.Linear("blocks.2.mlp.fc1", 192, 96));
            blocks_2_mlp_act = new(machine, 3264);
            blocks_2_mlp_fc2 = new(machine, 17, weights.Linear("blocks.2.mlp.fc2", 96, 192));
            norm = new(machine, 17, weights.Read("norm.weight", 96), weights.Read("norm.bias", 96));
            head = new(machine, 1, weights.Linear("head", 10, 96));
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

        /// <summary>The embeddings, which are the class tokens: images [N, 3, 32, 32], normalised, -> [N, 96].</summary>
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

        /// <summary>The classes' logits: images [N, 3, 32, 32], normalised, -> [N, 10].</summary>
        public void Classify(ReadOnlySpan<float> images, Span<float> logits)
        {
            var count = CountOf(images);
            Check(logits, count * Classes, nameof(logits));
            for (var i = 0; i < count; i++)
            {
                Run(images.Slice(i * ImageLength, ImageLength), null, null);
                new ReadOnlySpan<float>(memory.Pointer + LogitsAt, Classes).CopyTo(logits[(i * Classes)..]);
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

        /// <summary>The classes' logits of a picture.</summary>
        /// <inheritdoc cref="Preprocess"/>
        public float[] Classify(ReadOnlySpan<byte> rgb, int width, int height)
        {
            var (image, values) = (new float[ImageLength], new float[Classes]);
            Preprocess(rgb, width, height, image);
            Classify(image, values);
            return values;
        }

        /// <summary>
        /// The feature maps for dense tasks; an empty span for a map that is not wanted:
        /// C4 [N, 96, 4, 4],
        /// C5 [N, 96, 4, 4].
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

        /// <summary>One image through all passes; the shapes are [C, H, W] or [tokens, C].</summary>
        private void Run(ReadOnlySpan<float> image, float* c4, float* c5)
        {
            // Where maps lie: each at its place for as long as a pass needs it.
            float* a = memory.Pointer, b = memory.Pointer + 1648, c = memory.Pointer + 3280, d = memory.Pointer + 4912, e = memory.Pointer + 6544, f = memory.Pointer + 8736, g = memory.Pointer + 9824, h = memory.Pointer + 11472, i = memory.Pointer + 16400;
            image.CopyTo(new Span<float>(a, image.Length));

            // stem
            positions.CopyToken(i);
            patch_embed_proj.Run(a, i + 96, positions.OfMap); // [17, 96]

            // stage1
            blocks_0_norm1.Run(i, c); // [17, 96]
            blocks_0_attn_qkv.Run(c, a); // [17, 192]
            blocks_0_attn_heads.Run(a, c); // [17, 64]
            blocks_0_attn_proj.Run(c, g, i); // [17, 96]
            blocks_0_norm2.Run(g, d); // [17, 96]
            blocks_0_mlp_fc1.Run(d, a); // [17, 288]
            blocks_0_mlp_act.Run(a, d); // [17, 288]
            blocks_0_mlp_fc2.Run(d, h, g); // [17, 96]
            blocks_1_norm1.Run(h, c); // [17, 96]
            blocks_1_attn_qkv.Run(c, a); // [17, 192]
            blocks_1_attn_heads.Run(a, c); // [17, 64]
            blocks_1_attn_proj.Run(c, g, h); // [17, 96]
            blocks_1_norm2.Run(g, d); // [17, 96]
            blocks_1_mlp_fc1.Run(d, a); // [17, 288]
            blocks_1_mlp_act.Run(a, d); // [17, 288]
            blocks_1_mlp_fc2.Run(d, h, g); // [17, 96]
            if (c4 != null) Copy.ToPlanes(h + 96, 16, 96, c4);

            // stage2
            blocks_2_norm1.Run(h, e); // [17, 96]
            blocks_2_attn_qkv.Run(e, a); // [17, 384]
            blocks_2_attn_heads.Run(a, e); // [17, 128]
            blocks_2_attn_proj.Run(e, f, h); // [17, 96]
            blocks_2_norm2.Run(f, c); // [17, 96]
            blocks_2_mlp_fc1.Run(c, a); // [17, 192]
            blocks_2_mlp_act.Run(a, c); // [17, 192]
            blocks_2_mlp_fc2.Run(c, a, f); // [17, 96]

            // head
            norm.Run(a, b); // [17, 96]
            if (c5 != null) Copy.ToPlanes(b + 96, 16, 96, c5);

            head.Run(b, a); // [10, 1, 1]

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

