// The anchor Half of the space Tiny.
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

/// <summary>A resnet-bottleneck network: 0.0012 GMACs at 32 pixels, 0.0021 M parameters.</summary>
public sealed class TinyHalf : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Sequential layer1;
    private readonly Sequential layer2;

    /// <summary>Makes the network with weights at random.</summary>
    public TinyHalf(Device? device = null, ScalarType? dtype = null) : base(nameof(TinyHalf))
    {
        conv1 = Conv2d(3, 8, 3, padding: 1, bias: false, device: device, dtype: dtype);
        bn1 = BatchNorm2d(8, device: device, dtype: dtype);
        layer1 = Sequential(
            new Bottleneck(@in: 8, width: 4, @out: 16, stride: 1, project: true, device, dtype),
            new Bottleneck(@in: 16, width: 4, @out: 16, stride: 1, project: false, device, dtype));
        layer2 = Sequential(
            new Bottleneck(@in: 16, width: 6, @out: 24, stride: 2, project: true, device, dtype));
        RegisterComponents();
    }

    /// <summary>The embedding: images [N, 3, H, W] -> [N, 24].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return features(x).C3.mean([2, 3]).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The feature maps of the stages; at 32 pixels:
    /// C2 [N, 16, 32, 32],
    /// C3 [N, 24, 16, 16].
    /// </summary>
    public (Tensor C2, Tensor C3) features(Tensor x)
    {
        using var scope = NewDisposeScope();
        var y = conv1.call(x); // [N, 8, 32, 32]
        y = bn1.call(y);
        y = y.relu_(); // [N, 8, 32, 32]
        var c2 = layer1.call(y);
        var c3 = layer2.call(c2);
        return (c2.MoveToOuterDisposeScope(), c3.MoveToOuterDisposeScope());
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

    /// <summary>The embedding of a picture: 24 values.</summary>
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
    public TinyHalf load_safetensors(string path)
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


    /// <summary>Bottleneck block: 1x1, 3x3 (which carries the stride), 1x1, added to the shortcut.</summary>
    private sealed class Bottleneck : Module<Tensor, Tensor>
    {
        private readonly Conv2d conv1;
        private readonly BatchNorm2d bn1;
        private readonly Conv2d conv2;
        private readonly BatchNorm2d bn2;
        private readonly Conv2d conv3;
        private readonly BatchNorm2d bn3;
        private readonly Sequential? downsample;

        public Bottleneck(int @in, int width, int @out, int stride, bool project, Device? device, ScalarType? dtype) : base(nameof(Bottleneck))
        {
            conv1 = Conv2d(@in, width, 1, bias: false, device: device, dtype: dtype);
            bn1 = BatchNorm2d(width, device: device, dtype: dtype);
            conv2 = Conv2d(width, width, 3, stride: stride, padding: 1, bias: false, device: device, dtype: dtype);
            bn2 = BatchNorm2d(width, device: device, dtype: dtype);
            conv3 = Conv2d(width, @out, 1, bias: false, device: device, dtype: dtype);
            bn3 = BatchNorm2d(@out, device: device, dtype: dtype);
            if (project) downsample = Sequential(Conv2d(@in, @out, 1, stride: stride, bias: false, device: device, dtype: dtype), BatchNorm2d(@out, device: device, dtype: dtype));
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var y = conv1.call(x);
            y = bn1.call(y);
            y = y.relu_();
            y = conv2.call(y);
            y = bn2.call(y);
            y = y.relu_();
            y = conv3.call(y);
            y = bn3.call(y);
            y.add_(downsample is null ? x : downsample.call(x)).relu_();
            return y.MoveToOuterDisposeScope();
        }
    }