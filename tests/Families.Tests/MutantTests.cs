using System.Runtime.Loader;
using DataSsl.Generator;
using DataSsl.Generator.Tests;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Networks;
using DataSsl.SearchSpaces;

namespace DataSsl.Families.Tests;

/// <summary>
/// A damaged file that is still valid makes a correct build: it compiles with warnings as errors, and the compiled space is the one that
/// the file describes.
/// </summary>
public sealed class MutantTests
{
    /// <summary>Enough to meet every key of the language in every family; one compilation takes them all.</summary>
    private const int Mutants = 60;

    [Fact]
    public void Mutants_that_stay_valid_compile_to_the_space_that_they_describe()
    {
        var spaces = Valid().Take(Mutants).Select((space, i) => space with { Namespace = $"Mutant{i}" }).ToList();
        Assert.Equal(Mutants, spaces.Count);
        var classes = spaces.Select(
            s => SpaceCompiler.EmitFixedClass(SpaceCompiler.Lower(s), new("Slice", s.Namespace, s.Min, s.InputSize, default, Head: 3)));
        using var image = new MemoryStream(
            InMemoryCompiler.Image("Mutants", [.. spaces.Select(SpaceCompiler.EmitSupernet), .. classes], InMemoryCompiler.UnderSupernets));
        var assembly = new AssemblyLoadContext("Mutants").LoadFromStream(image);
        foreach (var space in spaces)
        {
            var compiled = (SearchSpace)assembly.GetType(
                $"{space.Namespace}.{space.Name}", throwOnError: true)!.GetProperty("Space")!.GetValue(null)!;
            Assert.Equal(space, SpaceCompiler.Parse("source", compiled.Source).Space);
            Assert.Equal(space.Count, compiled.Count);
            Assert.Equal(SpaceCompiler.Lower(space).Macs(space.Max, space.InputSize), compiled.Macs(compiled.Max, space.InputSize));
        }
    }

    private static IEnumerable<Space> Valid()
    {
        var (mutator, seen) = (new Mutator(seed: 3), new HashSet<Space>());
        string[] seeds =
        [
            RichSpace.Text,
            .. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "spaces"), "*.space.yaml").Order(StringComparer.Ordinal)
                .Select(File.ReadAllText),
        ];
        // A mutated depth of hundreds compiles as well as one of three, only longer.
        return Enumerable.Range(0, 10_000)
            .Select(i => SpaceCompiler.Parse("mutant.space.yaml", mutator.Mutate(seeds[i % seeds.Length])).Space)
            .OfType<Space>().Where(s => s.Axes.Sum(a => a.Values.Count + (a.Kind == "depth" ? a.Max : 0)) <= 60 && seen.Add(s));
    }
}
