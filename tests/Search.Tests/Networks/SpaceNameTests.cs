using DataSsl.Generator;
using DataSsl.Search.Networks;
using DataSsl.SearchSpaces;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace DataSsl.Search.Tests.Networks;

public sealed class SpaceNameTests
{
    /// <summary>A small space of each family.</summary>
    private static readonly string[] files =
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Spaces"), "small-*.space.yaml").Order().Select(File.ReadAllText)];

    /// <summary>Spaces of a project share a namespace: a name that one takes hides what it means to the others.</summary>
    [Fact]
    public void Every_word_of_a_supernet_is_refused_as_the_name_of_a_space_or_compiles_as_one()
    {
        Assert.Equal(4, files.Length);
        var spaces = files.Select(file => Named(file, NameOf(file))!).ToList();
        var words = spaces.Select(space => Words(SpaceCompiler.EmitSupernet(space))).ToList();
        var (passing, refused, sources) = (0, 0, new List<string>());
        foreach (var word in words.SelectMany(all => all).Distinct().Except(spaces.Select(s => s.Name)))
        {
            var users = Enumerable.Range(0, spaces.Count).Where(i => words[i].Contains(word)).ToList();
            if (Named(files[users[0]], word) is not { } named)
            {
                refused++;
                continue;
            }
            var @namespace = $"Acme.N{passing++}";
            sources.AddRange(
                // One other that names the word: with all of them it takes half a minute.
                users.Select(i => spaces[i]).Skip(1).Take(1).Prepend(named)
                    .Select(space => SpaceCompiler.EmitSupernet(space with { Namespace = @namespace })));
        }
        Assert.True(passing > 20 && refused > 20, $"{passing} pass, {refused} are refused");
        InMemoryCompiler.Image("EveryWord", sources, InMemoryCompiler.UnderSupernets);
    }

    private static HashSet<string> Words(string source) =>
        [
            .. CSharpSyntaxTree.ParseText(source).GetRoot().DescendantTokens().Where(token => token.IsKind(SyntaxKind.IdentifierToken))
                .Select(token => token.ValueText),
        ];

    /// <summary>A space under another name; null where that is refused.</summary>
    private static Space? Named(string file, string name)
    {
        var renamed = file.Replace($"space: {NameOf(file)}\n", $"space: {name}\n", StringComparison.Ordinal);
        return SpaceCompiler.Parse(name, renamed) is { Space: { } parsed } && parsed.Name == name ? parsed : null;
    }

    private static string NameOf(string file) => file.Split('\n').Single(line => line.StartsWith("space: ", StringComparison.Ordinal))[7..];
}
