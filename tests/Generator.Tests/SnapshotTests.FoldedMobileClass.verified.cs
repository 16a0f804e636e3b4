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

/// <summary>A mobilenet-v2 network for inference (BatchNorm is folded into its convolutions, the weights are frozen) with a head for 10 classes: 0.0071 GMACs at 64 pixels, 0.0404 M parameters.</summary>
public sealed class MobileNetFolded : Module<Tensor, Tensor>
{
    [TorchSharp.Utils.ComponentName(Name = "features")]
    private readonly ModuleList<Module<Tensor, Tensor>> features_;
    private readonly Sequential classifier;

    /// <summary>Makes the network with weights at random.</summary>
    public MobileNetFolded(Device? device = null, ScalarType? dtype = null) : base(nameof(MobileNetFolded))
    {
        features_ = ModuleList<Module<Tensor, Tensor>>(
            Sequential(new FusedConv2d(3, 8, 3, stride: 2, activation: "relu6", device: device, dtype: dtype)),
            new SeparableBlock(@in: 8, kernel: 3, @out: 8, stride: 1, residual: false, device, dtype),
            new InvertedResidual(@in: 8, hidden: 32, kernel: 5, @out: 16, stride: 2, residual: false, device, dtype),
            new InvertedResidual(@in: 16, hidden: 64, kernel: 5, @out: 16, stride: 1, residual: true, device, dtype),
            Sequential(new FusedConv2d(16, 1280, 1, activation: "relu6", device: device, dtype: dtype)));
        classifier = Sequential(("1", Linear(1280, 10, device: device, dtype: dtype)));
        RegisterComponents();
        prepare_for_inference();
    }

    /// <summary>The embedding: images [N, 3, H, W] -> [N, 1280].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return features(x).C5.mean([2, 3]).MoveToOuterDisposeScope();
    }

    /// <summary>The classes' logits: images [N, 3, H, W] -> [N, 10].</summary>
    public Tensor classify(Tensor x)
    {
        using var scope = NewDisposeScope();
        return classifier.call(call(x)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The feature maps of the stages; at 64 pixels:
    /// C4 [N, 8, 32, 32],
    /// C5 [N, 1280, 16, 16].
    /// </summary>
    public (Tensor C4, Tensor C5) features(Tensor x)
    {
        using var scope = NewDisposeScope();
        x = channels_last(x);
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

    /// <summary>
    /// Loads weights of 32 or 16 bits from a safetensors file with this network's keys; a file without the head leaves it as it is.
    /// The file is the one that the class with BatchNorm loads: each norm is folded into its convolution here, in 64 bits.
    /// Throws InvalidDataException where a tensor is missing, has another shape or type or belongs to another architecture, or the file is damaged.
    /// </summary>
    public MobileNetFolded load_safetensors(string path)
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
            if (loaded.ContainsKey(key) || (key.StartsWith("classifier.", StringComparison.Ordinal) && !weights.HasAny("classifier."))) continue;
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
        ("features.0.0", "features.0.1"),
        ("features.1.conv.0.0", "features.1.conv.0.1"), ("features.1.conv.1", "features.1.conv.2"),
        ("features.2.conv.0.0", "features.2.conv.0.1"), ("features.2.conv.1.0", "features.2.conv.1.1"), ("features.2.conv.2", "features.2.conv.3"),
        ("features.3.conv.0.0", "features.3.conv.0.1"), ("features.3.conv.1.0", "features.3.conv.1.1"), ("features.3.conv.2", "features.3.conv.3"),
        ("features.4.0", "features.4.1"),
    ];


    /// <summary>Depthwise convolution (which carries the stride), then a linear 1x1.</summary>
    private sealed class SeparableBlock : Module<Tensor, Tensor>
    {
        private readonly Sequential conv;
        private readonly bool residual;

        public SeparableBlock(int @in, int kernel, int @out, int stride, bool residual, Device? device, ScalarType? dtype) : base(nameof(SeparableBlock))
        {
            this.residual = residual;
            conv = Sequential(
                Sequential(new FusedConv2d(@in, @in, kernel, stride: stride, groups: @in, activation: "relu6", device: device, dtype: dtype)),
                new FusedConv2d(@in, @out, 1, device: device, dtype: dtype));
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
                Sequential(new FusedConv2d(@in, hidden, 1, activation: "relu6", device: device, dtype: dtype)),
                Sequential(new FusedConv2d(hidden, hidden, kernel, stride: stride, groups: hidden, activation: "relu6", device: device, dtype: dtype)),
                new FusedConv2d(hidden, @out, 1, device: device, dtype: dtype));
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

    /// <summary>
    /// A convolution for inference, with bias, and with the sum and the activation behind it. On the CPU that is one pass of oneDNN, whose
    /// weights are laid out once, and anew when they have changed; elsewhere, and where gradients are wanted, TorchSharp's own operators.
    /// </summary>
    private sealed class FusedConv2d : torch.nn.Module<torch.Tensor, torch.Tensor>
    {
        private readonly Parameter weight;
        private readonly Parameter bias;
        private readonly long[] stride, padding;
        private readonly long groups;
        private readonly string activation;
        private readonly object gate = new();
        private Laid? laid;

        /// <summary>With weights at random, [out, in / groups, kernel, kernel], and a padding that keeps the side of an odd kernel.</summary>
        public FusedConv2d(
            long @in, long @out, long kernel, long stride = 1, long groups = 1, string activation = "none", torch.Device? device = null,
            torch.ScalarType? dtype = null) : base(nameof(FusedConv2d))
        {
            (this.stride, padding, this.groups, this.activation) = ([stride, stride], [kernel / 2, kernel / 2], groups, activation);
            var bound = 1 / Math.Sqrt(@in / groups * kernel * kernel);
            (weight, bias) = (Random(@out, @in / groups, kernel, kernel), Random(@out));
            RegisterComponents();

            Parameter Random(params long[] shape)
            {
                return torch.nn.Parameter(torch.empty(shape, dtype, device).uniform_(-bound, bound));
            }
        }

        /// <summary>activation(convolution(x) + bias): [N, in, H, W] -> [N, out, H', W'].</summary>
        public override torch.Tensor forward(torch.Tensor x) => forward(x, null);

        /// <summary>activation(convolution(x) + bias + added), where what is added is a map [N, out, H', W'], or none.</summary>
        public torch.Tensor forward(torch.Tensor x, torch.Tensor? added)
        {
            using var scope = torch.NewDisposeScope();
            // oneDNN adds to no map of one line or one pixel, nor in bfloat16 to convolutions of channels by themselves.
            var (values, fuses) = (LaidFor(x), added is null || (groups == 1 && added.shape[2] > 1 && added.shape[3] > 1));
            var y = values is null
                ? torch.nn.functional.conv2d(x, weight, bias, stride, padding, groups: groups)
                : OneDnnConvolution.Run(
                    x, values, bias, padding, stride, groups, fuses ? added : null, fuses ? activation : "none");
            if (values is null || !fuses)
            {
                if (added is not null) y = y.add_(added);
                y = activation == "relu" ? y.relu_() : activation == "relu6" ? y.relu6_() : y;
            }
            return y.MoveToOuterDisposeScope();
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                laid?.Values?.Dispose();
                weight.Dispose();
                bias.Dispose();
            }
            base.Dispose(disposing);
        }

        /// <summary>The weights as oneDNN wants them; null where it is not to compute.</summary>
        private torch.Tensor? LaidFor(torch.Tensor x)
        {
            var takes = OneDnnConvolution.IsThere && x.device_type == DeviceType.CPU && weight.device_type == DeviceType.CPU
                && x.dtype == weight.dtype && x.dtype is torch.ScalarType.Float32 or torch.ScalarType.BFloat16
                && !(torch.is_grad_enabled() && (x.requires_grad || weight.requires_grad)) && (x.shape[1] == 1 || x.stride(1) == 1);
            if (!takes) return null;
            var writes = OneDnnConvolution.Writes(weight);
            lock (gate)
            {
                if (laid is { } known && known.Weight == weight.Handle && known.Writes == writes) return known.Values;
                laid?.Values?.Dispose();
                // The layout is chosen for the first images; oneDNN lays out anew by itself where others want another.
                laid = new(OneDnnConvolution.Lay(weight, padding, stride, groups, x.shape)?.DetachFromDisposeScope(), weight.Handle, writes);
                return laid.Values;
            }
        }

        /// <summary>What was made of the weights as they were; no values where oneDNN does not take them.</summary>
        private sealed record Laid(torch.Tensor? Values, nint Weight, long Writes);
    }

    /// <summary>
    /// oneDNN's convolution by libtorch's own C functions, which TorchSharp has no names for: with weights that are laid out ahead, and with
    /// the sum and the function behind it in the same pass. A TorchSharp handle is what these functions take for a tensor.
    /// </summary>
    private static class OneDnnConvolution
    {
        private const string Library = "torch_cpu";
        private const int Success = 0;

        private static readonly long[] s_dilation = [1, 1];
        private static readonly byte[] s_none = [.. "none\0"u8], s_relu = [.. "relu\0"u8], s_clamp = [.. "hardtanh\0"u8];
        private static readonly byte[] s_add = [.. "add\0"u8];
        private static readonly byte[] s_reorder = [.. "mkldnn::_reorder_convolution_weight\0"u8], s_version = [.. "aten::_version\0"u8];
        private static readonly byte[] s_default = [0];

        /// <summary>0 and 6, which a relu6 lies between, and where they stand; for as long as the program runs.</summary>
        private static readonly nint[] s_sixBounds = Pointers(0, 6);

        /// <summary>Whether this libtorch has them: version 2.10 with oneDNN.</summary>
        public static bool IsThere { get; } = NativeLibrary.TryLoad(Library, typeof(OneDnnConvolution).Assembly, null, out var library)
            && NativeLibrary.TryGetExport(library, nameof(aoti_torch_cpu_mkldnn__convolution_pointwise_binary), out _)
            && NativeLibrary.TryGetExport(library, nameof(torch_call_dispatcher), out _);

        /// <summary>
        /// Weights [C', C / groups, kH, kW] as oneDNN wants them for images of a shape: an opaque tensor that only its convolutions take; null
        /// where it takes none of this type and shape on this processor.
        /// </summary>
        public static torch.Tensor? Lay(torch.Tensor weight, long[] padding, long[] stride, long groups, long[] images)
        {
            // The callee takes what lies on the stack: tensors, lists and the memory of what may be missing.
            var optional = Marshal.AllocHGlobal(sizeof(long));
            Marshal.WriteInt64(optional, ListOf(images));
            long[] stack = [Another(weight), ListOf(padding), ListOf(stride), ListOf(s_dilation), groups, optional];
            var code = torch_call_dispatcher(s_reorder, s_default, stack, aoti_torch_abi_version());
            GC.KeepAlive(weight);
            return code == Success ? torch.Tensor.UnsafeCreateTensor((nint)stack[0]) : null;
        }

        /// <summary>
        /// function(convolution(x) + bias + added): [N, C, H, W] -> [N, C', H', W'], by weights that were laid out ahead or lie as they are.
        /// The bias is [C'] or none, what is added a map of the result's shape or none, the function "none", "relu" or, where nothing is
        /// added, "relu6".
        /// </summary>
        public static torch.Tensor Run(
            torch.Tensor x, torch.Tensor laid, torch.Tensor? bias, long[] padding, long[] stride, long groups, torch.Tensor? added = null,
            string function = "none")
        {
            nint[]? shift = bias is null ? null : [bias.Handle];
            nint result;
            if (added is null)
                Check(
                    aoti_torch_cpu_mkldnn__convolution_pointwise(
                        x.Handle, laid.Handle, shift, padding, padding.Length, stride, stride.Length, s_dilation, s_dilation.Length, groups,
                        function == "relu" ? s_relu : function == "relu6" ? s_clamp : s_none, function == "relu6" ? s_sixBounds : null,
                        function == "relu6" ? s_sixBounds.Length : 0, 0, out result));
            else
            {
                var relu = GCHandle.Alloc(s_relu, GCHandleType.Pinned);
                Check(
                    aoti_torch_cpu_mkldnn__convolution_pointwise_binary(
                        x.Handle, added.Handle, laid.Handle, shift, padding, padding.Length, stride, stride.Length, s_dilation,
                        s_dilation.Length, groups, s_add, 0, function == "relu" ? [relu.AddrOfPinnedObject()] : null, null, 0, 0, out result));
                relu.Free();
            }
            GC.KeepAlive((x, laid, bias, added));
            return torch.Tensor.UnsafeCreateTensor(result);
        }

        /// <summary>How often a tensor's values were written: what was made of it holds while that stays.</summary>
        public static long Writes(torch.Tensor tensor)
        {
            long[] stack = [Another(tensor)];
            Check(torch_call_dispatcher(s_version, s_default, stack, aoti_torch_abi_version()));
            return stack[0];
        }

        private static nint[] Pointers(params double[] values)
        {
            var at = Marshal.AllocHGlobal(values.Length * sizeof(double));
            for (var i = 0; i < values.Length; i++) Marshal.WriteInt64(at, i * sizeof(double), BitConverter.DoubleToInt64Bits(values[i]));
            return [.. values.Select((_, i) => at + i * sizeof(double))];
        }

        /// <summary>Another handle of the same tensor, for a callee that takes it.</summary>
        private static long Another(torch.Tensor tensor)
        {
            Check(aoti_torch_new_tensor_handle(tensor.Handle, out var handle));
            return handle;
        }

        private static long ListOf(long[] values)
        {
            Check(torch_new_list_reserve_size((nuint)values.Length, out var list));
            foreach (var value in values) Check(torch_list_push_back(list, value));
            return list;
        }

        /// <summary>libtorch keeps the words of such a failure to itself.</summary>
        private static void Check(int code)
        {
            if (code != Success) throw new ExternalException($"libtorch refused a convolution (code {code})");
        }

        [DllImport(Library)]
        private static extern int aoti_torch_cpu_mkldnn__convolution_pointwise(
            nint x, nint weight, nint[]? bias, long[] padding, long paddings, long[] stride, long strides, long[] dilation, long dilations,
            long groups, byte[] function, nint[]? bounds, long count, nint algorithm, out nint result);

        [DllImport(Library)]
        private static extern int aoti_torch_cpu_mkldnn__convolution_pointwise_binary(
            nint x, nint added, nint weight, nint[]? bias, long[] padding, long paddings, long[] stride, long strides, long[] dilation,
            long dilations, long groups, byte[] join, nint factor, nint[]? function, nint[]? bounds, long count, nint algorithm,
            out nint result);

        [DllImport(Library)]
        private static extern int torch_call_dispatcher(byte[] name, byte[] overload, [In, Out] long[] stack, ulong version);

        [DllImport(Library)]
        private static extern ulong aoti_torch_abi_version();

        [DllImport(Library)]
        private static extern int aoti_torch_new_tensor_handle(nint tensor, out nint another);

        [DllImport(Library)]
        private static extern int torch_new_list_reserve_size(nuint size, out nint list);

        [DllImport(Library)]
        private static extern int torch_list_push_back(nint list, long value);
    }