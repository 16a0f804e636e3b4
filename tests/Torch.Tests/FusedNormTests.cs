using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Torch.Tests;

/// <summary>BatchNorm with sum and activation against libtorch's own operations, one after the other in 64 bits.</summary>
public sealed class FusedNormTests
{
    private const double Epsilon = 1e-5;

    public static TheoryData<long, long, long, Activation, bool> Shapes()
    {
        var shapes = new TheoryData<long, long, long, Activation, bool>();
        foreach (var (n, c, side) in new[] { (2L, 1L, 2L), (2, 3, 5), (4, 8, 16), (3, 20, 7), (2, 64, 14), (2, 300, 3), (16, 24, 32) })
            foreach (var activation in Enum.GetValues<Activation>())
                foreach (var adds in new[] { false, true })
                    shapes.Add(n, c, side, activation, adds);
        return shapes;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void In_32_bits_it_is_that_of_libtorch(long n, long c, long side, Activation activation, bool adds) =>
        Compare(n, c, side, activation, adds, ScalarType.Float32, 2e-5);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void In_bfloat16_it_is_that_of_libtorch(long n, long c, long side, Activation activation, bool adds) =>
        Compare(n, c, side, activation, adds, ScalarType.BFloat16, 2e-2);

    [Fact]
    public void The_mean_may_be_far_from_zero()
    {
        using var scope = NewDisposeScope();
        var x = MemoryFormat.ChannelsLast(randn(4, 6, 9, 9) + 1000);
        var expected = functional.batch_norm(x.to(ScalarType.Float64), null, null, training: true, eps: Epsilon);
        var y = FusedNorm.Of(x, ones(6), zeros(6), Epsilon, Activation.None, null);
        // 32 bits of a value near 1000 are 3e-5 of a deviation.
        Assert.InRange((y - expected).abs().max().ToDouble(), 0, 1e-3);
    }

    [Fact]
    public void What_is_not_a_number_stays_so()
    {
        using var scope = NewDisposeScope();
        foreach (var type in new[] { ScalarType.Float32, ScalarType.BFloat16 })
        {
            var x = randn(2, 40, 3, 3);
            x[1, 17, 0, 2] = float.NaN;
            var y = FusedNorm.Of(MemoryFormat.ChannelsLast(x.to(type)), ones(40), zeros(40), Epsilon, Activation.Relu6, null);
            Assert.Equal([17L], y.isnan().any(3).any(2).any(0).nonzero().flatten().data<long>().ToArray());
        }
    }

    [Fact]
    public void It_is_the_same_on_one_thread_and_on_two_but_for_rounding()
    {
        using var scope = NewDisposeScope();
        var before = get_num_threads();
        var x = MemoryFormat.ChannelsLast(randn(8, 48, 20, 20));
        try
        {
            set_num_threads(1);
            var one = FusedNorm.Of(x, ones(48), zeros(48), Epsilon, Activation.Relu, null);
            set_num_threads(2);
            var two = FusedNorm.Of(x, ones(48), zeros(48), Epsilon, Activation.Relu, null);
            Assert.InRange((one - two).abs().max().ToDouble(), 0, 1e-6);
            Assert.Equal(0, (two - FusedNorm.Of(x, ones(48), zeros(48), Epsilon, Activation.Relu, null)).abs().max().ToDouble());
        }
        finally
        {
            set_num_threads(before);
        }
    }

    [Fact]
    public void In_place_it_has_the_same_bits()
    {
        using var scope = NewDisposeScope();
        var (x, added, scale, shift) = (MemoryFormat.ChannelsLast(randn(3, 20, 7, 7)), randn(3, 20, 7, 7), rand(20), randn(20));
        Assert.ThrowsAny<Exception>(() => FusedNorm.InPlace(x, scale, shift, Epsilon, Activation.Relu, added));
        using var grad = no_grad();
        var expected = FusedNorm.Of(x, scale, shift, Epsilon, Activation.Relu, added);
        Assert.Same(x, FusedNorm.InPlace(x, scale, shift, Epsilon, Activation.Relu, added));
        Assert.Equal(0, (x - expected).abs().max().ToDouble());
    }

    [Fact]
    public void Other_maps_are_refused()
    {
        using var scope = NewDisposeScope();
        var (scale, shift) = (ones(4), zeros(4));
        Assert.False(FusedNorm.Takes(randn(2, 4, 3, 3)));
        Assert.False(FusedNorm.Takes(randn(2, 4)));
        Assert.False(FusedNorm.Takes(randn(1, 4, 1, 1)));
        var x = MemoryFormat.ChannelsLast(randn(2, 4, 3, 3));
        Assert.ThrowsAny<Exception>(() => FusedNorm.Of(x, ones(5), shift, Epsilon, Activation.None, null));
        Assert.ThrowsAny<Exception>(() => FusedNorm.Of(x, scale, shift, Epsilon, Activation.None, randn(2, 4, 3, 2)));
    }

    /// <summary>The way of devices and layouts that the fused passes do not take.</summary>
    [Theory]
    [InlineData(Activation.None)]
    [InlineData(Activation.Relu)]
    [InlineData(Activation.Relu6)]
    public void Maps_in_rows_take_the_plain_way_to_the_same_values(Activation activation)
    {
        using var scope = NewDisposeScope();
        var (values, added, scale, shift) = (3 * randn(3, 20, 7, 7), randn(3, 20, 7, 7), rand(20) + 0.5, randn(20));
        Tensor[] fused = Leaves(MemoryFormat.ChannelsLast), plain = Leaves(x => x.contiguous());
        Assert.False(FusedNorm.Takes(plain[0]));
        var (a, b) = (Run(fused), Run(plain));
        Close(b, a, 2e-6, null);
        for (var i = 0; i < fused.Length; i++) Close(plain[i].grad!, fused[i].grad!, 2e-5, null);

        Tensor[] Leaves(Func<Tensor, Tensor> lay) =>
            [.. new[] { lay(values), lay(added), scale, shift }.Select(x => x.detach().clone().requires_grad_())];

        Tensor Run(Tensor[] leaves)
        {
            var y = FusedNorm.Of(leaves[0], leaves[2], leaves[3], Epsilon, activation, leaves[1]);
            (y * y).sum().backward();
            return y.detach();
        }
    }

    private static void Compare(long n, long c, long side, Activation activation, bool adds, ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)(n * 1000 + c * 10 + side));
        var (x, added, weights) = (Map(), adds ? Map() : null, randn([n, c, side, side], generator: generator));
        var (scale, shift) = (rand([c], generator: generator) + 0.5, 3 * randn([c], generator: generator));
        var exact = Leaves(x, added, scale, shift, ScalarType.Float64);
        var expected = functional.batch_norm(exact[0], null, null, exact[2], exact[3], training: true, eps: Epsilon);
        if (adds) expected = expected + exact[1];
        if (activation == Activation.Relu) expected = expected.relu();
        if (activation == Activation.Relu6) expected = expected.relu6();
        (expected * weights).sum().backward();

        var ours = Leaves(x, added, scale, shift, type);
        // What is added may lie otherwise.
        var y = FusedNorm.Of(ours[0], ours[2], ours[3], Epsilon, activation, adds ? n == 2 ? ours[1].contiguous() : ours[1] : null);
        Assert.Equal(type, y.dtype);
        Assert.True(MemoryFormat.IsChannelsLast(y));
        (y.to(ScalarType.Float32) * weights).sum().backward();
        // Where a result is nearly at an activation's corner, rounding decides on the gradient.
        var corner = (expected.abs() < 4 * tolerance).logical_or((expected - 6).abs() < 4 * tolerance * 6);
        var (share, near) = (corner.to(ScalarType.Float64).mean().ToDouble(), activation == Activation.None ? null : corner);
        Close(expected.detach(), y.detach(), tolerance, null);
        for (var i = 0; i < ours.Count; i++)
        {
            if (i == 1 && !adds) continue;
            // Sums over all positions move by what the corners hold.
            var slack = near is null ? 1 : 1 + 40 * share;
            Close(exact[i].grad!, ours[i].grad!, tolerance * slack * (i == 1 ? 1 : 4), i == 0 || i == 1 ? near : null);
        }

        Tensor Map() => MemoryFormat.ChannelsLast((2 * randn([n, c, side, side], generator: generator) + 0.5).to(type));
    }

    private static List<Tensor> Leaves(Tensor x, Tensor? added, Tensor scale, Tensor shift, ScalarType type)
    {
        var row = type == ScalarType.Float64 ? type : ScalarType.Float32;
        return [Leaf(x, type), Leaf(added ?? x, type), Leaf(scale, row), Leaf(shift, row)];

        static Tensor Leaf(Tensor values, ScalarType type) => values.detach().to(type).clone().requires_grad_();
    }

    /// <summary>Relative to the largest value; some places may be left out.</summary>
    private static void Close(Tensor expected, Tensor actual, double tolerance, Tensor? except)
    {
        var difference = (actual.to(ScalarType.Float64) - expected).abs();
        if (except is not null) difference = difference.masked_fill(except, 0);
        Assert.InRange(difference.max().ToDouble(), 0, tolerance * Math.Max(1, expected.abs().max().ToDouble()));
    }
}
