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

/// <summary>A mobilenet-v2 network: 0.0071 GMACs at 64 pixels, 0.0291 M parameters.</summary>
public sealed class MobileNet : Module<Tensor, Tensor>
{
    [TorchSharp.Utils.ComponentName(Name = "features")]
    private readonly ModuleList<Module<Tensor, Tensor>> features_;

    /// <summary>Makes the network with weights at random.</summary>
    public MobileNet(Device? device = null, ScalarType? dtype = null) : base(nameof(MobileNet))
    {
        features_ = ModuleList<Module<Tensor, Tensor>>(
            Sequential(Conv2d(3, 8, 3, stride: 2, padding: 1, bias: false, device: device, dtype: dtype), BatchNorm2d(8, device: device, dtype: dtype), ReLU6(inplace: true)),
            new SeparableBlock(@in: 8, kernel: 3, @out: 8, stride: 1, residual: false, device, dtype),
            new InvertedResidual(@in: 8, hidden: 32, kernel: 5, @out: 16, stride: 2, residual: false, device, dtype),
            new InvertedResidual(@in: 16, hidden: 64, kernel: 5, @out: 16, stride: 1, residual: true, device, dtype),
            Sequential(Conv2d(16, 1280, 1, bias: false, device: device, dtype: dtype), BatchNorm2d(1280, device: device, dtype: dtype), ReLU6(inplace: true)));
        RegisterComponents();
    }

    /// <summary>The embedding: images [N, 3, H, W] -> [N, 1280].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return features(x).C5.mean([2, 3]).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The feature maps of the stages; at 64 pixels:
    /// C4 [N, 8, 32, 32],
    /// C5 [N, 1280, 16, 16].
    /// </summary>
    public (Tensor C4, Tensor C5) features(Tensor x)
    {
        using var scope = NewDisposeScope();
        var c4 = run(features_, 0, 2, x);
        var c5 = run(features_, 2, 5, c4);
        return (c4.MoveToOuterDisposeScope(), c5.MoveToOuterDisposeScope());
    }

    private static Tensor run(ModuleList<Module<Tensor, Tensor>> blocks, int first, int end, Tensor x)
    {
        using var scope = NewDisposeScope();
        for (var i = first; i < end; i++) x = blocks[i].call(x);
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>Side in pixels of the images that it was proven on, and that pictures are brought to.</summary>
    public const int Side = 64;

    private static readonly float[] Mean = [0.485f, 0.456f, 0.406f], Deviation = [0.229f, 0.224f, 0.225f];

    /// <summary>
    /// A picture of any size as evaluation shows it, [1, 3, 64, 64]: its short side becomes 73 pixels (bilinear, antialiased, not rounded to bytes),
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
        var resized = 73 * length / shorter;
        var step = (double)length / resized;
        var centres = (arange(Side, dtype: ScalarType.Float64) + (Math.Round((resized - Side) / 2.0) + 0.5)) * step;
        var distances = (arange(length, dtype: ScalarType.Float64) + 0.5 - centres.unsqueeze(1)).abs();
        var weights = (1 - distances / Math.Max(step, 1)).clamp_min(0);
        return (weights / weights.sum(1, keepdim: true)).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>The embedding of a picture: 1280 values.</summary>
    /// <inheritdoc cref="Preprocess"/>
    public float[] Embed(ReadOnlySpan<byte> rgb, int width, int height)
    {
        if (training) throw new InvalidOperationException("call eval() first: in training BatchNorm takes its statistics from the batch");
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var weights = parameters().First();
        return call(Preprocess(rgb, width, height).to(weights.dtype, weights.device)).to(ScalarType.Float32).cpu().data<float>().ToArray();
    }

    /// <summary>
    /// Loads weights of 32 or 16 bits from a safetensors file with this network's keys; keys of other parts (a classification head) are passed over.
    /// Throws InvalidDataException where a tensor is missing, has another shape or type or belongs to another architecture, or the file is damaged.
    /// </summary>
    public MobileNet load_safetensors(string path)
    {
        var weights = new WeightsFile(path, bytes => Convert.ToHexStringLower(SHA256.HashData(bytes)));
        var (state, loaded) = (state_dict(), new Dictionary<string, Tensor>());
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (key, target) in state)
        {
            if (key.EndsWith("num_batches_tracked", StringComparison.Ordinal)) continue;
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


    /// <summary>Depthwise convolution (which carries the stride), then a linear 1x1.</summary>
    private sealed class SeparableBlock : Module<Tensor, Tensor>
    {
        private readonly Sequential conv;
        private readonly bool residual;

        public SeparableBlock(int @in, int kernel, int @out, int stride, bool residual, Device? device, ScalarType? dtype) : base(nameof(SeparableBlock))
        {
            this.residual = residual;
            conv = Sequential(
                Sequential(Conv2d(@in, @in, kernel, stride: stride, padding: kernel / 2, groups: @in, bias: false, device: device, dtype: dtype), BatchNorm2d(@in, device: device, dtype: dtype), ReLU6(inplace: true)),
                Conv2d(@in, @out, 1, bias: false, device: device, dtype: dtype),
                BatchNorm2d(@out, device: device, dtype: dtype));
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var y = conv.call(x);
            if (residual) y.add_(x);
            return y.MoveToOuterDisposeScope();
        }
    }

    /// <summary>Inverted residual: 1x1 expansion, depthwise convolution (which carries the stride), linear 1x1.</summary>
    private sealed class InvertedResidual : Module<Tensor, Tensor>
    {
        private readonly Sequential conv;
        private readonly bool residual;

        public InvertedResidual(int @in, int hidden, int kernel, int @out, int stride, bool residual, Device? device, ScalarType? dtype) : base(nameof(InvertedResidual))
        {
            this.residual = residual;
            conv = Sequential(
                Sequential(Conv2d(@in, hidden, 1, bias: false, device: device, dtype: dtype), BatchNorm2d(hidden, device: device, dtype: dtype), ReLU6(inplace: true)),
                Sequential(Conv2d(hidden, hidden, kernel, stride: stride, padding: kernel / 2, groups: hidden, bias: false, device: device, dtype: dtype), BatchNorm2d(hidden, device: device, dtype: dtype), ReLU6(inplace: true)),
                Conv2d(hidden, @out, 1, bias: false, device: device, dtype: dtype),
                BatchNorm2d(@out, device: device, dtype: dtype));
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var y = conv.call(x);
            if (residual) y.add_(x);
            return y.MoveToOuterDisposeScope();
        }
    }