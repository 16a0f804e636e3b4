using static TorchSharp.torch;

namespace DataSsl.Torch.Tests.Parity;

/// <summary>One expression in both languages. <paramref name="Grad"/> names the inputs whose gradients are compared as well.</summary>
public sealed record Case(string Name, string Python, Func<Inputs, Tensor[]> CSharp, params string[] Grad)
{
    public override string ToString() => Name;
}

/// <summary>The tensors that cases compute with, under the names that the Python expressions use.</summary>
public sealed class Inputs : Dictionary<string, Tensor>
{
    public Tensor a => this["a"];
    public Tensor b => this["b"];
    public Tensor c => this["c"];
    public Tensor v => this["v"];
    public Tensor x => this["x"];
    public Tensor w => this["w"];
    public Tensor bias => this["bias"];
    public Tensor i => this["i"];
    public Tensor m => this["m"];
    public Tensor q => this["q"];

    public static Inputs Create()
    {
        using var generator = new Generator(1);
        Tensor Random(params long[] size) => rand(size, generator: generator).mul_(0.8).add_(0.1);
        return new Inputs
        {
            ["a"] = Random(4, 5),
            ["b"] = Random(4, 5),
            ["c"] = Random(5, 3),
            ["v"] = Random(5),
            ["x"] = randn([2, 4, 6, 7], generator: generator),
            ["w"] = randn([6, 4, 3, 3], generator: generator),
            ["bias"] = randn([6], generator: generator),
            ["i"] = randint(0, 4, [4, 5], generator: generator),
            ["m"] = rand([4, 5], generator: generator).gt(0.5),
            ["q"] = randn([2, 3, 4, 8], generator: generator),
        };
    }
}
