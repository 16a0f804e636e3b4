using DataSsl.Generator;
using DataSsl.Generator.Plan;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Emit;
using DataSsl.Search.Emit.Forms;
using Xunit.Abstractions;

namespace DataSsl.Families.Tests;

/// <summary>
/// The emit of random architectures as a user runs it: every form is written, compiled or read back, and proven against the supernet's
/// slice on images.
/// </summary>
public sealed class EmitParityTests(ITestOutputHelper output) : IDisposable
{
    private const int Images = 4, Classes = 3;

    private readonly string folder = Directory.CreateTempSubdirectory("emit-").FullName;

    public static TheoryData<string> Spaces => [.. SmallSpaces.Handwritten.Select(s => s.Name)];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, MemberData(nameof(Spaces))]
    public void Every_form_of_every_architecture_holds(string name)
    {
        var space = SmallSpaces.Named(name);
        using var networks = SmallSpaces.Networks(space);
        using var images = SmallSpaces.Images(Images, space);
        var emitter = new WinnerEmitter(networks.Student, images) { Pictures = [.. PictureTests.Pictures()] };
        var takesPictures = space.InputChannels == 3;
        var folds = Folding.Applies(SpaceCompiler.Lower(SpaceCompiler.Parse(name, space.Source).Space!));
        var forms = WinnerForm.All.Count - (folds ? 0 : 1) - (takesPictures ? 0 : 1);
        var worst = WinnerForm.All.ToDictionary(form => form.Name, _ => 0d);
        var architectures = Draws(space).ToList();
        for (var i = 0; i < architectures.Count; i++)
        {
            var emitted = emitter.Emit(
                folder, "Net", "Emitted", architectures[i], space.InputSize, [], WinnerForm.All,
                head: i % 2 == 0 ? new(Classes, Seed: i) : null);
            Assert.Equal(forms, emitted.Forms.Count);
            foreach (var proof in emitted.Forms)
            {
                Assert.True(proof.Holds, $"{architectures[i]}: {proof.Failure("Net")}");
                Assert.Equal(takesPictures && proof.Form is "class" or "folded" or "csharp" or "csharp-int8", proof.Pictures is not null);
                worst[proof.Form] = Math.Max(worst[proof.Form], proof.RelativeDifference);
                if (proof.Pictures is { } difference)
                    worst[proof.Form + " of pictures"] = Math.Max(worst.GetValueOrDefault(proof.Form + " of pictures"), difference);
            }
        }
        output.WriteLine(
            $"{name}, {architectures.Count} architectures, largest relative differences: {string.Join(", ", worst.Select(w => FormattableString.Invariant($"{w.Key} {w.Value:g2}")))}");
    }

    /// <summary>The one off the grid first, then random ones, no two alike.</summary>
    private static IEnumerable<Architecture> Draws(SearchSpace space)
    {
        var count = (int)Math.Min(Architectures.Count(2), space.Count);
        var random = CounterRandom.For(23, "emit");
        var drawn = new List<Architecture> { space.Parse("OffGrid") };
        while (drawn.Count < count)
            if (space.Sample(ref random) is var next && !drawn.Contains(next)) drawn.Add(next);
        return drawn;
    }
}
