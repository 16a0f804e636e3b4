using System.Runtime.InteropServices;
using DataSsl.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Torch;

/// <summary>
/// A convolution whose weights do not change as a product by the kernels of the pure C# classes, in 32 bits on the CPU: each row is what
/// the kernel sees of a pixel, and the weights are laid out once. Of small maps oneDNN takes as long for the call as for the products.
/// Each value is one sum in the order of its factors, whatever the number of images and threads.
/// </summary>
internal sealed unsafe class PackedProduct : IDisposable
{
    /// <summary>Fewer products are not worth another thread.</summary>
    private const long FewestProducts = 1 << 20;

    /// <summary>
    /// Of more products oneDNN, which takes some 15 us for a call, makes up for it: measured with AVX-512 it does 120 to 150 in the time of
    /// 110 to 125 here.
    /// </summary>
    private const long MostProducts = 1 << 23;

    private readonly Tensor weight;
    private readonly int channels, side, stride, padding, length, columns, padded;
    private float* panels;

    private PackedProduct(Tensor weight, long stride, long padding)
    {
        this.weight = weight;
        var sizes = weight.shape;
        (columns, channels, side) = ((int)sizes[0], (int)sizes[1], (int)sizes[2]);
        (this.stride, this.padding, length, padded) = ((int)stride, (int)padding, side * side * channels, Lanes.Padded(columns));
    }

    /// <summary>For weights [C', C, k, k], any strides; null where the kernels are not made for them.</summary>
    public static PackedProduct? For(Tensor weight, long[] stride, long[] padding, long groups) =>
        Lanes.Best >= 256 && groups == 1 && weight.device_type == DeviceType.CPU && weight.dtype == ScalarType.Float32
            && weight.shape is [_, _, var height, var width] && height == width && stride[0] == stride[1] && padding[0] == padding[1]
            ? new(weight, stride[0], padding[0])
            : null;

    /// <summary>
    /// Whether it takes images: few and small ones in 32 bits, channels last, on the CPU, where no gradient is wanted.
    /// </summary>
    public bool Takes(Tensor x) =>
        !is_grad_enabled() && x.device_type == DeviceType.CPU && x.dtype == ScalarType.Float32 && Aten.IsChannelsLast(x)
            && new Map(Aten.Sizes(x), side, stride, padding).Products(length, padded) <= MostProducts;

    /// <summary>[N, C, H, W] -> [N, C', H', W'], channels last.</summary>
    /// <param name="x">Channels last.</param>
    /// <param name="bias">[C'], or none.</param>
    /// <exception cref="ArgumentException">The images have other channels than the weights, or are smaller than the kernel.</exception>
    public Tensor Of(Tensor x, Tensor? bias)
    {
        var map = new Map(Aten.Sizes(x), side, stride, padding);
        if (map.Channels != channels || map.OutHeight < 1 || map.OutWidth < 1)
            throw new ArgumentException(
                $"images [{string.Join(", ", x.shape)}] where the weights are [{columns}, {channels}, {side}, {side}]");
        if (panels == null) Pack();
        using var pixels = empty(map.Images, map.OutHeight, map.OutWidth, columns);
        float* source = (float*)Aten.Data(x), target = (float*)Aten.Data(pixels), added = bias is null ? null : (float*)Aten.Data(bias);
        var parts = (int)Math.Clamp(map.Products(length, columns) / FewestProducts, 1, get_num_threads());
        if (parts == 1) Work(source, map, added, target, 0, 1);
        else IntraOp.For(parts, part => Work(source, map, added, target, part, parts));
        GC.KeepAlive((x, bias));
        return pixels.permute(0, 3, 1, 2);
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(panels);
        panels = null;
    }

    private void Pack()
    {
        panels = (float*)NativeMemory.AlignedAlloc((nuint)((nint)padded * length * sizeof(float)), 64);
        // As a map lies: what a line of the kernel sees lies together.
        using var laid = weight.permute(0, 2, 3, 1);
        using var rows = laid.contiguous();
        Panels.Pack((float*)Aten.Data(rows), length, length, columns, panels, Lanes.Width(Lanes.Best));
        GC.KeepAlive(rows);
    }

    private void Work(float* x, in Map map, float* bias, float* y, int part, int parts)
    {
        var share = new Share(this, x, map, bias, y, part, parts);
        Lanes.Run(Lanes.Best, ref share);
    }

    private void Work<TVector>(float* x, in Map map, float* bias, float* y, int part, int parts)
        where TVector : unmanaged, IVector<TVector>
    {
        var (first, end, left, right) = Panels.Deal(map.Rows, padded, TVector.Width, part, parts);
        var block = Panels.RowsAtOnce(map.Rows, length, padded);
        // Vectors end beyond rows of other lengths; those are made elsewhere and copied.
        var (gathers, whole) = (side > 1 || stride > 1, padded == columns);
        var room = (float*)NativeMemory.AlignedAlloc(
            (nuint)((nint)block * ((gathers ? length : 0) + (whole ? 0 : padded)) * sizeof(float)), 64);
        var made = gathers ? room + (nint)block * length : room;
        var finish = new Finish(whole ? bias : null, null, Kernels.Activation.None);
        for (var row = first; row < end; row += block)
        {
            var count = Math.Min(block, end - row);
            if (gathers) Gather(x, map, row, count, room);
            Panels.Multiply<TVector>(
                gathers ? room : x + (nint)row * length, length, count, panels, length, left, right,
                whole ? y + (nint)row * columns : made, padded, finish);
            if (!whole) CopyOut(made, count, left, Math.Min(right, columns), bias, y + (nint)row * columns);
        }
        NativeMemory.AlignedFree(room);
    }

    /// <summary>Copies what the kernel sees of some pixels, line by line of the kernel; zeros beyond the map.</summary>
    private void Gather(float* x, in Map map, int first, int count, float* target)
    {
        var (image, rest) = Math.DivRem(first, map.OutHeight * map.OutWidth);
        var (down, across) = Math.DivRem(rest, map.OutWidth);
        var pitch = (nint)map.Width * channels;
        for (; count > 0; count--)
        {
            var (top, left) = (down * stride - padding, across * stride - padding);
            // What lies within the map of each line.
            var (from, to) = (Math.Max(0, -left), Math.Min(side, map.Width - left));
            var line = x + ((nint)image * map.Height + top) * pitch + (left + from) * channels;
            for (var i = 0; i < side; i++, line += pitch, target += side * channels)
            {
                var there = (uint)(top + i) < (uint)map.Height && from < to;
                if (there) new ReadOnlySpan<float>(line, (to - from) * channels).CopyTo(new(target + from * channels, side * channels));
                if (!there) new Span<float>(target, side * channels).Clear();
                else if (to - from < side)
                {
                    new Span<float>(target, from * channels).Clear();
                    new Span<float>(target + to * channels, (side - to) * channels).Clear();
                }
            }
            if (++across < map.OutWidth) continue;
            across = 0;
            if (++down < map.OutHeight) continue;
            down = 0;
            image++;
        }
    }

    private void CopyOut(float* made, int count, int left, int right, float* bias, float* y)
    {
        for (var row = 0; row < count; row++, made += padded, y += columns)
        {
            new ReadOnlySpan<float>(made + left, right - left).CopyTo(new(y + left, right - left));
            if (bias == null) continue;
            for (var c = left; c < right; c++) y[c] += bias[c];
        }
    }

    private readonly struct Share(PackedProduct product, float* x, in Map map, float* bias, float* y, int part, int parts) : IVectorWork
    {
        private readonly Map map = map;

        public void Run<TVector>() where TVector : unmanaged, IVector<TVector> => product.Work<TVector>(x, map, bias, y, part, parts);
    }

    /// <summary>Images, and what the kernel makes of them.</summary>
    private readonly struct Map(ReadOnlySpan<long> sizes, int side, int stride, int padding)
    {
        public int Images { get; } = (int)sizes[0];

        public int Channels { get; } = (int)sizes[1];

        public int Height { get; } = (int)sizes[2];

        public int Width { get; } = (int)sizes[3];

        public int OutHeight { get; } = ((int)sizes[2] + 2 * padding - side) / stride + 1;

        public int OutWidth { get; } = ((int)sizes[3] + 2 * padding - side) / stride + 1;

        public int Rows => Images * OutHeight * OutWidth;

        public long Products(int length, int columns) => (long)Images * OutHeight * OutWidth * length * columns;
    }
}
