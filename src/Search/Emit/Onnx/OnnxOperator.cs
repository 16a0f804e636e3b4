using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Search.Emit.Onnx;

/// <summary>One <c>NodeProto</c> and what it computes.</summary>
internal sealed class OnnxOperator(ProtoFields node)
{
    private readonly string type = node.Text(4);
    private readonly Dictionary<string, ProtoFields> attributes = node.Messages(5).ToDictionary(a => a.Text(1));

    public IReadOnlyList<string> Inputs { get; } = [.. node.Texts(1)];

    public string Output { get; } = node.Text(2);

    public Tensor Run(Tensor[] x) => type switch
    {
        "Add" => x[0] + x[1],
        "Mul" => x[0] * x[1],
        "MatMul" => x[0].matmul(x[1]),
        "Relu" => x[0].relu(),
        "Erf" => x[0].erf(),
        "Clip" => x[0].clamp(x[1].item<float>(), x[2].item<float>()),
        "Softmax" => x[0].softmax(Integer("axis")),
        // Halves are widened as they are read; no other cast is written.
        "Cast" when Integer("to") == 1 => x[0].alias(),
        "Conv" => functional.conv2d(x[0], x[1], x.ElementAtOrDefault(2), strides: Integers("strides"), padding: Integers("pads")[..2], groups: Integer("group")),
        "BatchNormalization" => functional.batch_norm(x[0], x[3], x[4], x[1], x[2], training: false, eps: attributes["epsilon"].Number(2)!.Value),
        "LayerNormalization" => functional.layer_norm(x[0], [x[0].shape[^1]], x[1], x[2], attributes["epsilon"].Number(2)!.Value),
        "MaxPool" => functional.max_pool2d(x[0], Integers("kernel_shape"), Integers("strides"), Integers("pads")[..2]),
        "GlobalAveragePool" => x[0].mean([2, 3], keepdim: true),
        "Flatten" => x[0].flatten(Integer("axis")),
        "Transpose" => x[0].permute(Integers("perm")),
        "Reshape" => x[0].reshape([.. Values(x[1]).Select((side, i) => side == 0 ? x[0].shape[i] : side)]),
        "Concat" => cat(x, Integer("axis")),
        "Gather" => x[0].select(Integer("axis"), x[1].item<long>()),
        "Slice" => x[0].narrow(x[3].item<long>(), x[1].item<long>(), x[2].item<long>() - x[1].item<long>()),
        "Shape" => tensor(x[0].shape[(int)Integer("start")..(int)Integer("end")]),
        "Expand" => x[0].expand([.. Values(x[1]).Select((side, i) => Math.Max(side, x[0].shape[i]))]),
        _ => throw new InvalidOperationException($"operator {type} is none that is written"),
    };

    private static long[] Values(Tensor list) => list.data<long>().ToArray();

    private long Integer(string attribute) => attributes[attribute].Integer(3) ?? 0;

    private long[] Integers(string attribute) => [.. attributes[attribute].Integers(8)];
}
