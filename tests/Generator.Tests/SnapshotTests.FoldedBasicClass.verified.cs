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

/// <summary>A resnet-basic network for inference (BatchNorm is folded into its convolutions, the weights are frozen) with a head for 10 classes: 0.0020 GMACs at 64 pixels, 0.0073 M parameters.</summary>
public sealed class BasicFolded : Module<Tensor, Tensor>
{
    private readonly FusedConv2d conv1;
    private readonly Sequential layer1;
    private readonly Sequential layer2;
    private readonly Linear fc;

    /// <summary>Makes the network with weights at random.</summary>
    public BasicFolded(Device? device = null, ScalarType? dtype = null) : base(nameof(BasicFolded))
    {
        conv1 = new FusedConv2d(3, 8, 7, stride: 2, activation: "relu", device: device, dtype: dtype);
        layer1 = Sequential(
            new BasicBlock(@in: 8, @out: 8, stride: 1, project: false, device, dtype),
            new BasicBlock(@in: 8, @out: 8, stride: 1, project: false, device, dtype));
        layer2 = Sequential(
            new BasicBlock(@in: 8, @out: 16, stride: 2, project: true, device, dtype));
        fc = Linear(16, 10, device: device, dtype: dtype);
        RegisterComponents();
        prepare_for_inference();
    }

    /// <summary>The embedding: images [N, 3, H, W] -> [N, 16].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return features(x).C3.mean([2, 3]).MoveToOuterDisposeScope();
    }

    /// <summary>The classes' logits: images [N, 3, H, W] -> [N, 10].</summary>
    public Tensor classify(Tensor x)
    {
        using var scope = NewDisposeScope();
        return fc.call(call(x)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The feature maps of the stages; at 64 pixels:
    /// C2 [N, 8, 16, 16],
    /// C3 [N, 16, 8, 8].
    /// </summary>
    public (Tensor C2, Tensor C3) features(Tensor x)
    {
        using var scope = NewDisposeScope();
        x = channels_last(x);
        var y = conv1.call(x); // [N, 8, 32, 32]
        y = functional.max_pool2d(y, 3, stride: 2, padding: 1); // [N, 8, 16, 16]
        var c2 = layer1.call(y);
        var c3 = layer2.call(c2);
        return (c2.MoveToOuterDisposeScope(), c3.MoveToOuterDisposeScope());
    }

    /// <summary>The same values [N, C, H, W], with the channels side by side in memory: what convolutions compute fastest on.</summary>
    private static Tensor channels_last(Tensor x) => x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    /// <summary>Weights that nothing trains a library may keep in an order of its own.</summary>
    private void prepare_for_inference()
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        foreach (var parameter in parameters())
        {
            parameter.requires_grad = false;
            if (parameter.dim() == 4) parameter.set_(channels_last(parameter));
        }
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

    /// <summary>The embedding of a picture: 16 values.</summary>
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
    /// The file is the one that the class with BatchNorm loads: each norm is folded into its convolution here, in 64 bits.
    /// Throws InvalidDataException where a tensor is missing, has another shape or type or belongs to another architecture, or the file is damaged.
    /// </summary>
    public BasicFolded load_safetensors(string path)
    {
        var weights = new WeightsFile(path, bytes => Convert.ToHexStringLower(SHA256.HashData(bytes)));
        var (state, loaded) = (state_dict(), new Dictionary<string, Tensor>());
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (convolution, norm) in Norms)
        {
            using var inner = NewDisposeScope();
            var (weight, bias) = (convolution + ".weight", convolution + ".bias");
            var channels = state[bias].shape;
            var scale = Take(norm + ".weight", channels) / (Take(norm + ".running_var", channels).to(ScalarType.Float64) + 1e-5).sqrt();
            loaded[weight] = (Take(weight, state[weight].shape) * scale.reshape(-1, 1, 1, 1)).to(state[weight].dtype).MoveToOuterDisposeScope();
            loaded[bias] = (Take(norm + ".bias", channels) - Take(norm + ".running_mean", channels) * scale).to(state[bias].dtype).MoveToOuterDisposeScope();
        }
        foreach (var (key, target) in state)
        {
            if (loaded.ContainsKey(key) || (key.StartsWith("fc.", StringComparison.Ordinal) && !weights.HasAny("fc."))) continue;
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

    /// <summary>The convolutions, each with the BatchNorm that is folded into it.</summary>
    private static readonly (string Convolution, string Norm)[] Norms =
    [
        ("conv1", "bn1"),
        ("layer1.0.conv1", "layer1.0.bn1"), ("layer1.0.conv2", "layer1.0.bn2"),
        ("layer1.1.conv1", "layer1.1.bn1"), ("layer1.1.conv2", "layer1.1.bn2"),
        ("layer2.0.conv1", "layer2.0.bn1"), ("layer2.0.conv2", "layer2.0.bn2"), ("layer2.0.downsample.0", "layer2.0.downsample.1"),
    ];


    /// <summary>Basic block: 3x3 (which carries the stride), 3x3, added to the shortcut.</summary>
    private sealed class BasicBlock : Module<Tensor, Tensor>
    {
        private readonly FusedConv2d conv1;
        private readonly FusedConv2d conv2;
        private readonly Sequential? downsample;

        public BasicBlock(int @in, int @out, int stride, bool project, Device? device, ScalarType? dtype) : base(nameof(BasicBlock))
        {
            conv1 = new FusedConv2d(@in, @out, 3, stride: stride, activation: "relu", device: device, dtype: dtype);
            conv2 = new FusedConv2d(@out, @out, 3, activation: "relu", device: device, dtype: dtype);
            if (project) downsample = Sequential(new FusedConv2d(@in, @out, 1, stride: stride, device: device, dtype: dtype));
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var y = conv1.call(x);
            y = conv2.forward(y, downsample is null ? x : downsample.call(x));
            return y.MoveToOuterDisposeScope();
        }
    }