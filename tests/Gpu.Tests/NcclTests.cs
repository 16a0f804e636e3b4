using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Gpu.Tests;

/// <summary>
/// NCCL starts and computes in the order of the device's stream. One GPU holds one process of a group, so this is a group of one: its sums
/// are its own values.
/// </summary>
public sealed class NcclTests
{
    [SkippableFact]
    public void Operations_of_a_group_of_one_give_its_own_values()
    {
        using var scope = NewDisposeScope();
        var (device, group) = GroupOfOne();
        using var _ = group;
        foreach (var type in new[] { ScalarType.Float32, ScalarType.Float64, ScalarType.BFloat16, ScalarType.Int32, ScalarType.Int64 })
        {
            var values = arange(6_000, dtype: ScalarType.Int32, device: device).remainder_(251).to(type);
            // Queued behind a product that takes its time: an operation on another stream would see what was there before.
            var slow = randn([4_096, 4_096], device: device);
            for (var i = 0; i < 8; i++) slow = slow.mm(slow).div_(64);
            var sum = values.add(1 + slow.sum().mul(0).to(type));
            group.AllReduce(sum);
            Assert.True(sum.eq(values.add(1)).all().item<bool>(), $"all_reduce of {type}");
            group.Broadcast(sum);
            Assert.True(group.AllGather(sum.view(2, 3_000)).eq(values.add(1).view(2, 3_000)).all().item<bool>(), $"all_gather of {type}");
        }
    }

    [SkippableFact]
    public void Gradients_go_through_the_sum()
    {
        using var scope = NewDisposeScope();
        var (device, group) = GroupOfOne();
        using var _ = group;
        var weights = arange(5, dtype: ScalarType.Float32, device: device).requires_grad_();
        group.Sum(weights.square()).sum().backward();
        Assert.True(weights.grad!.eq(weights.detach().mul(2)).all().item<bool>());
    }

    private static (Device Device, ProcessGroup Group) GroupOfOne()
    {
        var device = Accelerator.Get();
        Skip.If(device.type != DeviceType.CUDA, "NCCL is for CUDA devices");
        Assert.NotNull(NcclInfo.Version);
        var group = new ProcessGroup(0, 1, new Alone());
        group.Use(device);
        return (device, group);
    }

    /// <summary>A group of one on the CPU.</summary>
    private sealed class Alone : ICollectives
    {
        public void AllReduce(Tensor tensor) { }

        public void AllGather(Tensor tensor, Tensor all) => all.copy_(tensor.unsqueeze(0));

        public void Broadcast(Tensor tensor, int root) { }
    }
}
