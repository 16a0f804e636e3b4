using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Torch.Tests;

public class ModuleTests
{
    private sealed class Block : Module<Tensor, Tensor>
    {
        private readonly Conv2d conv1;
        private readonly BatchNorm2d bn1;
        private readonly Tensor scale = ones(1);

        public Block() : base(nameof(Block))
        {
            (conv1, bn1) = (Conv2d(3, 4, 3, bias: false), BatchNorm2d(4));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return functional.relu(bn1.call(conv1.call(input)) * scale).MoveToOuterDisposeScope();
        }
    }

    private sealed class Net : Module<Tensor, Tensor>
    {
        private readonly ModuleList<Block> layers;
        private readonly Linear fc;

        public Net() : base(nameof(Net))
        {
            (layers, fc) = (ModuleList(new Block(), new Block()), Linear(4, 2));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => fc.call(layers[0].call(input).mean([2, 3]));
    }

    [Fact]
    public void State_keys_are_PyTorchs()
    {
        using var net = new Net();
        string[] block = ["scale", "conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var", "bn1.num_batches_tracked"];
        string[] expected = [.. block.Select(key => "layers.0." + key), .. block.Select(key => "layers.1." + key), "fc.weight", "fc.bias"];
        Assert.Equal(expected, net.state_dict().Keys);
        Assert.Equal(8, net.named_parameters().Count());
        Assert.Equal(8, net.named_buffers().Count());
        Assert.Equal(["layers", "fc"], net.named_children().Select(child => child.name));
        Assert.Equal(8, net.modules().Count());
        Assert.All(net.parameters(), parameter => Assert.True(parameter.requires_grad));
    }

    [Fact]
    public void A_module_built_in_a_scope_outlives_it_and_frees_on_dispose()
    {
        Net net;
        using (NewDisposeScope())
            net = new Net();
        Assert.All(net.state_dict().Values, tensor => Assert.False(tensor.IsInvalid));
        var parameters = net.parameters().ToArray();
        net.Dispose();
        Assert.All(parameters, parameter => Assert.True(parameter.IsInvalid));
    }

    [Fact]
    public void Loading_copies_and_strictness_refuses()
    {
        using var scope = NewDisposeScope();
        using var net = new Net();
        var source = net.state_dict().ToDictionary(entry => entry.Key, entry => ones_like(entry.Value));
        net.load_state_dict(source);
        Assert.Equal(2, net.get_parameter("fc.bias")!.sum().ToDouble());

        source.Remove("fc.bias");
        source["stranger"] = ones(1);
        var error = Assert.Throws<InvalidOperationException>(() => net.load_state_dict(source));
        Assert.Contains("fc.bias", error.Message, StringComparison.Ordinal);
        Assert.Contains("stranger", error.Message, StringComparison.Ordinal);
        var (missing, unexpected) = net.load_state_dict(source, strict: false);
        Assert.Equal(["fc.bias"], missing);
        Assert.Equal(["stranger"], unexpected);
        net.load_state_dict(source, skip: ["fc.bias", "stranger"]);

        source["fc.weight"] = ones(3, 3);
        Assert.Contains("fc.weight", Assert.Throws<ArgumentException>(() => net.load_state_dict(source, false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Batch_norm_learns_statistics_while_training_only()
    {
        using var scope = NewDisposeScope();
        using var bn = BatchNorm2d(2);
        var x = randn(8, 2, 3, 3) * 2 + 1;
        var output = bn.call(x);
        Assert.Equal(0, output.mean().ToDouble(), 5);
        Assert.Equal(1, bn.num_batches_tracked!.ToInt64());
        var expected = x.mean([0, 2, 3]) * 0.1;
        Assert.True(bn.running_mean!.allclose(expected, 1e-5, 1e-6));
        Assert.True(bn.running_var!.allclose(x.var([0, 2, 3]) * 0.1 + 0.9, 1e-5, 1e-6));

        bn.eval();
        Assert.False(bn.training);
        var before = bn.running_mean.clone();
        bn.call(x);
        Assert.True(before.allclose(bn.running_mean, 0, 0));
        Assert.Equal(1, bn.num_batches_tracked!.ToInt64());
        Assert.Throws<ArgumentException>(() => bn.call(ones(2, 2)));
    }

    [Fact]
    public void Registering_a_name_twice_or_with_a_dot_is_refused()
    {
        using var net = new Net();
        net.register_buffer("extra", ones(1), persistent: false);
        Assert.DoesNotContain("extra", net.state_dict().Keys);
        Assert.Throws<InvalidOperationException>(() => net.register_buffer("extra", ones(1)));
        Assert.Throws<ArgumentException>(() => net.register_buffer("a.b", ones(1)));
        Assert.Throws<InvalidOperationException>(() => ReLU().register_buffer("state", ones(1)));
    }

    [Fact]
    public void Conversion_keeps_identity_gradient_and_integers()
    {
        using var net = new Net();
        var weight = net.get_parameter("fc.weight")!;
        var count = net.state_dict()["layers.0.bn1.num_batches_tracked"];
        net.to(float64);
        Assert.Same(weight, net.get_parameter("fc.weight"));
        Assert.Equal(float64, weight.dtype);
        Assert.True(weight.requires_grad);
        Assert.Equal(int64, count.dtype);
        Assert.Equal([2, 2], net.call(randn([2, 3, 5, 5], float64)).shape);
    }

    [Fact]
    public void Hooks_run_around_call_and_not_around_forward()
    {
        using var layer = Linear(2, 2);
        var log = new List<string>();
        var before = layer.register_forward_pre_hook((_, x) => { log.Add("before"); return x; });
        layer.register_forward_hook((_, _, y) => { log.Add("after"); return y * 0; });
        Assert.Equal(0, layer.call(ones(1, 2)).abs().sum().ToDouble());
        before.remove();
        layer.call(ones(1, 2));
        layer.forward(ones(1, 2));
        Assert.Equal(["before", "after", "after"], log);
    }

    [Fact]
    public void Train_and_eval_reach_every_child()
    {
        using var net = Sequential(Dropout(0.9), Sequential(Dropout(0.9)));
        using var x = ones(100);
        Assert.True(net.call(x).eq(0).any().ToBoolean());
        net.eval();
        Assert.True(net.call(x).eq(1).all().ToBoolean());
    }

    [Fact]
    public void A_parameter_takes_its_tensor_over()
    {
        var data = ones(3);
        using var parameter = Parameter(data);
        Assert.True(data.IsInvalid);
        Assert.True(parameter is { requires_grad: true, is_leaf: true });
        Assert.False(Parameter(ones(1), requires_grad: false).requires_grad);
    }

    [Fact]
    public void Clipping_scales_the_joint_norm()
    {
        var parameter = Parameter(zeros(2));
        parameter.grad = tensor(new[] { 3f, 4f });
        Assert.Equal(5, nn.utils.clip_grad_norm_([parameter], 1), 4);
        Assert.Equal(1, parameter.grad!.norm().ToDouble(), 4);
    }
}
