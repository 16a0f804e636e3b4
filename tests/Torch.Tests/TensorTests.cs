using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Torch.Tests;

public class TensorTests
{
    [Fact]
    public void Metadata()
    {
        using var x = zeros([2, 3, 4], float64);
        Assert.Equal([2, 3, 4], x.shape);
        Assert.Equal([12, 4, 1], x.stride());
        Assert.Equal((3, 24, 8), (x.dim(), x.numel(), x.element_size()));
        Assert.Equal(4, x.size(-1));
        Assert.Equal("[2x3x4], type = Float64, device = cpu", x.ToString());
        Assert.Equal(8, x.narrow(1, 2, 1).storage_offset());
    }

    [Fact]
    public void Accessors_follow_strides()
    {
        using var x = arange(6, float32).view(2, 3);
        var transposed = x.t().data<float>();
        Assert.Equal([0, 3, 1, 4, 2, 5], transposed.ToArray());
        Assert.Equal(4f, transposed[1, 1]);
        transposed[2, 0] = 9;
        Assert.Equal(9f, x[0, 2].item<float>());
        x.data<float>().CopyFrom([7, 8], tensorIndex: 1);
        Assert.Equal([0, 7, 8, 3, 4, 5], x.data<float>());
    }

    [Fact]
    public void Bytes_are_the_memory_itself()
    {
        using var x = zeros(2);
        x.bytes[3] = 0x40;
        Assert.Equal(2f, x[0].item<float>());
        Assert.Throws<NotImplementedException>(() => zeros(2, 3).t().bytes.Length);
    }

    [Fact]
    public void Arrays_come_in_in_every_rank_and_type()
    {
        Assert.Equal([2, 2], from_array(new double[,] { { 1, 2 }, { 3, 4 } }).shape);
        Assert.Equal(int64, tensor(new long[] { 1 }).dtype);
        Assert.Equal(bfloat16, tensor(new[] { 1f }, bfloat16).dtype);
        Assert.Equal([3, 1], tensor(new byte[] { 1, 2, 3 }, [3, 1]).shape);
        Assert.Throws<ArgumentException>(() => tensor(new[] { 1f, 2f }, [3]));
    }

    [Fact]
    public void A_buffer_is_shared_with_its_array()
    {
        var array = new float[] { 1, 2, 3, 4 };
        using var x = frombuffer(array, float32, offset: 1);
        x.mul_(10);
        Assert.Equal([1, 20, 30, 40], array);
        array[3] = 5;
        Assert.Equal(5f, x[2].item<float>());
    }

    [Fact]
    public void Assignment_through_indices()
    {
        using var x = zeros(3, 4);
        x[1, 2] = 5f;
        x[TensorIndex.Ellipsis, TensorIndex.Single(0)] = tensor(new[] { 1f, 2f, 3f });
        x[TensorIndex.Tensor(x.eq(5))] = 7f;
        Assert.Equal([1, 0, 0, 0, 2, 0, 7, 0, 3, 0, 0, 0], x.data<float>().ToArray());
    }

    [Fact]
    public void Conversions_share_when_nothing_changes()
    {
        using var x = ones(2);
        using var same = x.to(float32);
        Assert.Equal(x.Handle, same.Handle);
        using var doubled = x.to(float64, disposeAfter: false);
        Assert.Equal(float64, doubled.dtype);
        Assert.Equal(2.0, (double)x.sum());
    }

    [Fact]
    public void Lists_longer_than_the_stack_block_are_passed_too()
    {
        using var x = arange(1000, float32);
        var parts = x.split(Enumerable.Repeat(2L, 500).ToArray());
        Assert.Equal(500, parts.Length);
        Assert.Equal(999, cat(parts)[999].item<float>());
    }

    [Fact]
    public void Threads_default_to_the_processors()
    {
        if (Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null)
            Assert.Equal(Environment.ProcessorCount, get_num_threads());
        Assert.Matches(@"^\d+\.\d+", LibtorchInfo.Version);
        Assert.Contains("libtorch", LibtorchInfo.Path, StringComparison.Ordinal);
        Assert.NotEmpty(LibtorchInfo.Capabilities);
        Assert.False(cuda.is_available() && cuda.device_count() == 0);
    }

    [Fact]
    public void Channels_last_changes_strides_only()
    {
        using var scope = NewDisposeScope();
        var x = randn(2, 3, 4, 5);
        var last = MemoryFormat.ChannelsLast(x);
        Assert.Equal([60, 1, 15, 3], last.stride());
        Assert.True(MemoryFormat.IsChannelsLast(last));
        Assert.True(x.allclose(last, 0, 0));
        Assert.Equal(Pointer(last), Pointer(MemoryFormat.ChannelsLast(last)));
        Assert.Throws<ArgumentException>(() => MemoryFormat.ChannelsLast(ones(2)));

        static unsafe nint Pointer(Tensor tensor) => (nint)tensor.Data(toWrite: false);
    }
}
