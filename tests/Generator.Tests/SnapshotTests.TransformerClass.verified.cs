#nullable enable
#pragma warning disable CA1707 // Members are named as TorchSharp names its own.

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Acme.Models;

/// <summary>A vit network with a head for 10 classes: 0.0046 GMACs at 32 pixels, 0.27 M parameters.</summary>
public sealed class Transformer : Module<Tensor, Tensor>
{
    private readonly PatchEmbed patch_embed;
    private readonly Parameter cls_token;
    private readonly Parameter pos_embed;
    private readonly ModuleList<Module<Tensor, Tensor>> blocks;
    private readonly LayerNorm norm;
    private readonly Linear head;

    /// <summary>Makes the network with weights at random.</summary>
    public Transformer(Device? device = null, ScalarType? dtype = null) : base(nameof(Transformer))
    {
        patch_embed = new PatchEmbed(@in: 3, width: 96, device, dtype);
        cls_token = Parameter(zeros(1, 1, 96, device: device, dtype: dtype));
        pos_embed = Parameter(zeros(1, 17, 96, device: device, dtype: dtype));
        blocks = ModuleList<Module<Tensor, Tensor>>(
            new TransformerBlock(width: 96, inner: 64, hidden: 288, device, dtype),
            new TransformerBlock(width: 96, inner: 64, hidden: 288, device, dtype),
            new TransformerBlock(width: 96, inner: 128, hidden: 192, device, dtype));
        norm = LayerNorm(96, eps: 1e-6, device: device, dtype: dtype);
        head = Linear(96, 10, device: device, dtype: dtype);
        RegisterComponents();
    }

    /// <summary>The embedding, which is the class token: images [N, 3, H, W] -> [N, 96].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return tokens(x).C5.select(1, 0).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>The classes' logits: images [N, 3, H, W] -> [N, 10].</summary>
    public Tensor classify(Tensor x)
    {
        using var scope = NewDisposeScope();
        return head.call(call(x)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The feature maps, without the class token; at 32 pixels:
    /// C4 [N, 96, 4, 4],
    /// C5 [N, 96, 4, 4].
    /// </summary>
    public (Tensor C4, Tensor C5) features(Tensor x)
    {
        using var scope = NewDisposeScope();
        var (c4, c5) = tokens(x);
        return (map(c4).MoveToOuterDisposeScope(), map(c5).MoveToOuterDisposeScope());
    }

    private (Tensor C4, Tensor C5) tokens(Tensor x)
    {
        using var scope = NewDisposeScope();
        var y = patch_embed.call(x); // [N, 16, 96]
        y = cat([cls_token.expand(y.shape[0], -1, -1), y], 1); // [N, 17, 96]
        y = y.add_(resize(pos_embed, y.shape[1])); // [N, 17, 96]
        var c4 = run(blocks, 0, 2, y);
        y = run(blocks, 2, 3, c4);
        var c5 = norm.call(y); // [N, 17, 96]
        return (c4.MoveToOuterDisposeScope(), c5.MoveToOuterDisposeScope());
    }

    private static Tensor run(ModuleList<Module<Tensor, Tensor>> blocks, int first, int end, Tensor x)
    {
        using var scope = NewDisposeScope();
        for (var i = first; i < end; i++) x = blocks[i].call(x);
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>Tokens of a square image as a map, without the class token: [N, 1 + H * W, C] -> [N, C, H, W].</summary>
    private static Tensor map(Tensor tokens)
    {
        var side = (long)Math.Sqrt(tokens.shape[1] - 1);
        return tokens.narrow(1, 1, side * side).transpose(1, 2).unflatten(2, side, side);
    }

    /// <summary>Positions [1, 1 + T, C] for a square image of another size: bicubic over the map; the class token keeps its own.</summary>
    private static Tensor resize(Tensor positions, long tokens)
    {
        if (positions.shape[1] == tokens) return positions;
        var side = (long)Math.Sqrt(tokens - 1);
        var grid = functional.interpolate(map(positions).contiguous(), size: [side, side], mode: InterpolationMode.Bicubic, align_corners: false);
        return cat([positions.narrow(1, 0, 1), grid.flatten(2).transpose(1, 2)], 1);
    }

    /// <summary>Side in pixels of the images that it was proven on, and that pictures are brought to.</summary>
    public const int Side = 32;

    private static readonly float[] Mean = [0.485f, 0.456f, 0.406f], Deviation = [0.229f, 0.224f, 0.225f];

    /// <summary>
    /// A picture of any size as evaluation shows it, [1, 3, 32, 32]: its short side becomes 37 pixels (bilinear, antialiased, not rounded to bytes),
    /// the middle square is taken, and each channel from 0 to 1 loses ImageNet's mean and is divided by its deviation.
    /// </summary>
    /// <param name="rgb">[height, width, 3]: red, green and blue of each pixel, row by row, the picture upright.</param>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <exception cref="ArgumentException">The bytes are not three for each pixel.</exception>
    public static Tensor Preprocess(ReadOnlySpan<byte> rgb, int width, int height)
    {
        if (width < 1 || height < 1 || rgb.Length != 3L * width * height)
            throw new ArgumentException($"{rgb.Length} bytes are no picture of {height} x {width} pixels of three bytes", nameof(rgb));
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var planes = tensor(rgb.ToArray(), [height, width, 3]).permute(2, 0, 1).to(ScalarType.Float32);
        var shorter = Math.Min(width, height);
        var square = weights_of(height, shorter).matmul(planes).matmul(weights_of(width, shorter).transpose(0, 1)) / 255;
        return ((square - tensor(Mean, [3, 1, 1])) / tensor(Deviation, [3, 1, 1])).unsqueeze(0).MoveToOuterDisposeScope();
    }

    /// <summary>[S, length]: the share of each row or column of a picture in each of the image's; in 64 bits, as places need them.</summary>
    private static Tensor weights_of(long length, long shorter)
    {
        using var scope = NewDisposeScope();
        var resized = 37 * length / shorter;
        var step = (double)length / resized;
        var centres = (arange(Side, dtype: ScalarType.Float64) + (Math.Round((resized - Side) / 2.0) + 0.5)) * step;
        var distances = (arange(length, dtype: ScalarType.Float64) + 0.5 - centres.unsqueeze(1)).abs();
        var weights = (1 - distances / Math.Max(step, 1)).clamp_min(0);
        return (weights / weights.sum(1, keepdim: true)).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>The embedding of a picture: 96 values.</summary>
    /// <inheritdoc cref="Preprocess"/>
    public float[] Embed(ReadOnlySpan<byte> rgb, int width, int height)
    {
        if (training) throw new InvalidOperationException("call eval() first: in training BatchNorm takes its statistics from the batch");
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var weights = parameters().First();
        return call(Preprocess(rgb, width, height).to(weights.dtype, weights.device)).to(ScalarType.Float32).cpu().data<float>().ToArray();
    }

    /// <summary>The classes' logits of a picture: 10 values.</summary>
    /// <inheritdoc cref="Preprocess"/>
    public float[] Classify(ReadOnlySpan<byte> rgb, int width, int height)
    {
        if (training) throw new InvalidOperationException("call eval() first: in training BatchNorm takes its statistics from the batch");
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var weights = parameters().First();
        return classify(Preprocess(rgb, width, height).to(weights.dtype, weights.device)).to(ScalarType.Float32).cpu().data<float>().ToArray();
    }

    /// <summary>
    /// Loads weights of 32 or 16 bits from a safetensors file with this network's keys; a file without the head leaves it as it is.
    /// Throws InvalidDataException where a tensor is missing, has another shape or type or belongs to another architecture, or the file is damaged.
    /// </summary>
    public Transformer load_safetensors(string path)
    {
        var weights = new WeightsFile(path, bytes => Convert.ToHexStringLower(SHA256.HashData(bytes)));
        var (state, loaded) = (state_dict(), new Dictionary<string, Tensor>());
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (key, target) in state)
        {
            if (key.EndsWith("num_batches_tracked", StringComparison.Ordinal) || (key.StartsWith("head.", StringComparison.Ordinal) && !weights.HasAny("head."))) continue;
            loaded[key] = Take(key, target.shape);
        }
        weights.MustBeAllRead();
        foreach (var (key, values) in loaded) state[key].copy_(values);
        is_checked = weights.IsChecked;
        return this;

        Tensor Take(string key, long[] shape) => tensor(weights.Read(key, shape), shape);
    }

    /// <summary>Whether the file that was loaded has a checksum, which it has passed; one of another writer has none, and a changed value in it goes unseen.</summary>
    public bool is_checked { get; private set; }


    /// <summary>StemBlock's patch_embed.</summary>
    private sealed class PatchEmbed : Module<Tensor, Tensor>
    {
        private readonly Conv2d proj;

        public PatchEmbed(int @in, int width, Device? device, ScalarType? dtype) : base(nameof(PatchEmbed))
        {
            proj = Conv2d(@in, width, 8, stride: 8, device: device, dtype: dtype);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var y = proj.call(x).flatten(2).transpose(1, 2);
            return y.MoveToOuterDisposeScope();
        }
    }

    /// <summary>Pre-norm transformer block: attention, then a two-layer perceptron, each added to its input.</summary>
    private sealed class TransformerBlock : Module<Tensor, Tensor>
    {
        private readonly LayerNorm norm1;
        private readonly Attn attn;
        private readonly LayerNorm norm2;
        private readonly Mlp mlp;

        public TransformerBlock(int width, int inner, int hidden, Device? device, ScalarType? dtype) : base(nameof(TransformerBlock))
        {
            norm1 = LayerNorm(width, eps: 1e-6, device: device, dtype: dtype);
            attn = new Attn(width: width, inner: inner, device, dtype);
            norm2 = LayerNorm(width, eps: 1e-6, device: device, dtype: dtype);
            mlp = new Mlp(width: width, hidden: hidden, device, dtype);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var y = norm1.call(x);
            y = attn.call(y);
            x = y.add_(x);
            y = norm2.call(x);
            y = mlp.call(y);
            y.add_(x);
            return y.MoveToOuterDisposeScope();
        }
    }

    /// <summary>TransformerBlock's attn.</summary>
    private sealed class Attn : Module<Tensor, Tensor>
    {
        private readonly Linear qkv;
        private readonly Linear proj;

        public Attn(int width, int inner, Device? device, ScalarType? dtype) : base(nameof(Attn))
        {
            qkv = Linear(width, 3 * inner, device: device, dtype: dtype);
            proj = Linear(inner, width, device: device, dtype: dtype);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var y = qkv.call(x);
            var heads = y.unflatten(2, 3, -1, 64).permute(2, 0, 3, 1, 4).unbind(0); // q, k and v: [N, heads, T, 64]
            y = functional.scaled_dot_product_attention(heads[0], heads[1], heads[2]).transpose(1, 2).flatten(2);
            y = proj.call(y);
            return y.MoveToOuterDisposeScope();
        }
    }

    /// <summary>TransformerBlock's mlp.</summary>
    private sealed class Mlp : Module<Tensor, Tensor>
    {
        private readonly Linear fc1;
        private readonly Linear fc2;

        public Mlp(int width, int hidden, Device? device, ScalarType? dtype) : base(nameof(Mlp))
        {
            fc1 = Linear(width, hidden, device: device, dtype: dtype);
            fc2 = Linear(hidden, width, device: device, dtype: dtype);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var y = fc1.call(x);
            y = functional.gelu(y);
            y = fc2.call(y);
            return y.MoveToOuterDisposeScope();
        }
    }