using DataSsl.Generator.Emit;
using DataSsl.Generator.Model;

namespace DataSsl.Generator.Tests;

/// <summary>The emitted text: what a user reads.</summary>
public sealed class SnapshotTests
{
    [Fact]
    public Task Supernet() => Verify(Driver.Run(("tiny.space.yaml", TestSpaces.Tiny)));

    [Fact]
    public Task FixedClass()
    {
        var plan = TestSpaces.Plan(TestSpaces.Tiny);
        var spec = new FixedClassSpec("TinyHalf", "Acme.Models", plan.Space.Anchors[0].Choices, 32, new[] { "The anchor Half of the space Tiny." }.ToEquatableArray());
        return Verify(SpaceCompiler.EmitFixedClass(plan, spec), "cs");
    }
}
