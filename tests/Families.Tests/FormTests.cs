namespace DataSsl.Families.Tests;

/// <summary>The other forms of an emitted class, in every family: they are the class.</summary>
public sealed class FormTests(FormNetworks networks) : IClassFixture<FormNetworks>
{
    private static readonly string[] Models = ["plain", "folded", "half"];

    public static TheoryData<string> Names => [.. FormNetworks.Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Folded(string name) => Assert.InRange(networks.Difference(name, "folded"), 0, 1e-5);

    /// <summary>And not zero: the weights are rounded.</summary>
    [Theory, MemberData(nameof(Names))]
    public void Half_precision(string name) => Assert.InRange(networks.Difference(name, "half"), 1e-7, 1e-2);

    [Theory, MemberData(nameof(Names))]
    public void Onnx_runtime_gives_the_same(string name) =>
        Each(name, form => Assert.InRange(networks.Difference(name, $"{form}.runtime"), 0, form == "half" ? 1e-2 : 1e-4));

    /// <summary>
    /// ONNX's own checker sees more than the runtime does: shapes by strict inference, a key of metadata that stands twice.
    /// </summary>
    [SkippableFact]
    public void Onnx_checker_accepts_them_all() => Assert.Empty(networks.Faults);

    private void Each(string name, Action<string> check)
    {
        foreach (var form in Models.Where(form => networks.Has(name, $"{form}.runtime"))) check(form);
    }
}
