using static TorchSharp.torch;

namespace DataSsl.Torch.Tests.Parity;

/// <summary>The same operators, arguments and gradients as PyTorch, on the same libtorch.</summary>
public class ParityTests(PythonFixture python) : IClassFixture<PythonFixture>
{
    internal static readonly Case[] Cases = [.. OperatorCases.All(), .. HandCases.All()];

    public static TheoryData<string> Names => [.. Cases.Select(entry => entry.Name)];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void Same_as_PyTorch(string name)
    {
        Skip.If(python.Skipped is not null, python.Skipped);
        using var scope = NewDisposeScope();
        var entry = Cases.Single(candidate => candidate.Name == name);
        var inputs = Inputs.Create();
        foreach (var input in entry.Grad)
            inputs[input].requires_grad_();
        manual_seed(7);
        var outputs = entry.CSharp(inputs);
        if (entry.Grad.Length > 0)
        {
            outputs.Select(output => output.to(float64).pow(2).sum()).Aggregate((sum, next) => sum + next).backward();
            outputs = [.. outputs, .. entry.Grad.Select(input => inputs[input].grad!)];
        }
        var expected = python[name];
        Assert.Equal(expected.Length, outputs.Length);
        foreach (var (want, got) in expected.Zip(outputs))
            Compare(want, got);
    }

    private static void Compare(PythonFixture.Expected want, Tensor got)
    {
        Assert.Equal(want.Shape, got.shape);
        Assert.Equal(want.Dtype, PythonName(got.dtype));
        var values = got.detach().to(float64).contiguous().data<double>().ToArray();
        for (var k = 0; k < values.Length; k++)
        {
            var (a, b) = (want.Values[k], values[k]);
            Assert.True(a.Equals(b) || Math.Abs(a - b) <= 1e-6 + (1e-5 * Math.Abs(a)), $"element {k}: PyTorch {a:R}, here {b:R}");
        }
    }

    private static string PythonName(ScalarType type) => type switch
    {
        ScalarType.Byte => "uint8",
        _ => type.ToString().ToLowerInvariant(),
    };
}
