using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Torch.Distributed;

/// <summary>The sum of a tensor over the processes of a group, as an operation of autograd.</summary>
internal sealed class SumOverProcesses : autograd.SingleTensorFunction<SumOverProcesses>
{
    private const string Group = "group";

    public override string Name => nameof(SumOverProcesses);

    /// <summary>The sum; <paramref name="vars"/> are the group and the tensor.</summary>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        ctx.save_data(Group, vars[0]);
        return Summed((ProcessGroup)vars[0], (Tensor)vars[1]);
    }

    /// <summary>The same sum of the processes' gradients; none for the group.</summary>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var group = (ProcessGroup)ctx.get_data(Group);
        try
        {
            return [null!, Summed(group, grad_output)];
        }
        catch (Exception e) when (e is ProcessGroupException or OperationCanceledException)
        {
            // An exception would have to pass libtorch's own frames, and cannot: the group's next operation throws it.
            group.Failed = e;
            return [null!, grad_output.clone()];
        }
    }

    private static Tensor Summed(ProcessGroup group, Tensor term)
    {
        using var grad = no_grad();
        using var detached = term.detach();
        var sum = detached.contiguous().clone();
        group.AllReduce(sum);
        return sum;
    }
}
