namespace DataSsl.Cli.Tests.House;

/// <summary>
/// Arrows between projects, and between the namespaces of each, point down in the picture of docs/architecture.md; so none runs in a
/// circle.
/// </summary>
public sealed class HouseTests
{
    public static TheoryData<string> Projects => [.. Picture.Drawn.Projects];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Arrows_point_down(string project)
    {
        Assert.Equal([], Picture.Drawn.WrongReferencesOf(project));
        Assert.Equal(
            [],
            Picture.Drawn.Wrong(
                Arrow.Between(
                    Picture.AssemblyOf(project), Picture.SourcesOf(project),
                    [.. Picture.Drawn.Above(project).Select(Picture.AssemblyOf)])));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_folder_is_a_namespace(string project)
    {
        var folders = new HashSet<string>();
        foreach (var (path, text) in
            Picture.SourcesOf(project).Where(file => file.Path.StartsWith($"{project}/", StringComparison.Ordinal)))
        {
            var expected = string.Join('.', path.Split('/')[1..^1].Prepend(Picture.RootNamespaceOf(project)));
            var declared = text.Split('\n').Single(line => line.StartsWith("namespace ", StringComparison.Ordinal))["namespace ".Length..]
                .TrimEnd(';', '\r');
            // What a compiler wants of a library that lacks it has a name that is not ours to choose.
            if (!declared.StartsWith("System.", StringComparison.Ordinal))
                Assert.True(declared == expected, $"{path} declares {declared}, not {expected}");
            folders.Add(expected);
        }
        Assert.Equal(folders.Order(), Picture.Drawn.NamespacesOf(project).Order());
    }

    [Fact]
    public void Walks_are_through_files_that_are_there()
    {
        var walks = Picture.Walks();
        Assert.Equal(4, walks.Count);
        Assert.All(walks, files => Assert.Equal([], files.Where(file => !Picture.IsSource(file))));
        Assert.All(walks, files => Assert.InRange(files.Count, 5, 25));
    }

    /// <summary>A verb says what it takes and hands it on: what it does has a room of its own.</summary>
    [Fact]
    public void Verbs_are_thin() => Assert.Equal(
        [],
        Picture.AllSources().Where(file => file.Path.StartsWith("src/Cli/Verbs/", StringComparison.Ordinal))
            .Where(file => file.Text.AsSpan().Count('\n') > 60).Select(file => file.Path));

    /// <summary>Each way to name what lies above closes a circle.</summary>
    [Theory]
    [InlineData("class Low : High;")]
    [InlineData("class Low { High? high; }")]
    [InlineData("class Low { System.Collections.Generic.List<High>? all; }")]
    [InlineData("class Low { [Mark] void F() { } }")]
    [InlineData("class Low { static int F() => High.Three; }")]
    [InlineData("class Low { static int F() { var middle = new Middle(); return middle.High.Two(); } }")]
    [InlineData("class Low { static void F() => Middle.Take(new()); }")]
    [InlineData("class Low { static int F() => 1.Up(); }")]
    [InlineData("class Low { static string F() => nameof(High); }")]
    public void A_planted_circle_is_caught(string planted)
    {
        const string above = """
            namespace DataSsl.Kernels.Above;
            public class High { public const int Three = 3; public int Two() => new DataSsl.Kernels.Low() is null ? 1 : 2; }
            public class MarkAttribute : System.Attribute;
            public static class More { public static int Up(this int i) => i + 1; }
            """;
        // On a floor with what is planted, and in the same namespace: the arrow is the planted code's.
        const string middle = """
            namespace DataSsl.Kernels;
            using DataSsl.Kernels.Above;
            class Middle { public High High = new(); public static void Take(High high) { } }
            """;
        var picture = new Picture("Kernels: Above > Kernels");
        Assert.Empty(picture.Wrong(Arrow.Between("Planted", [("Above.cs", above), ("Low.cs", "namespace DataSsl.Kernels; class Low;")])));
        var low = $"namespace DataSsl.Kernels; using DataSsl.Kernels.Above; {planted}";
        var arrows = Arrow.Between("Planted", [("Low.cs", low), ("Above.cs", above), ("Middle.cs", middle)]);
        Assert.Contains(
            arrows, arrow => arrow.To == "DataSsl.Kernels.Above" && arrow.Place.StartsWith("Low.cs line 1", StringComparison.Ordinal));
        Assert.All(picture.Wrong(arrows), arrow => Assert.Equal(("DataSsl.Kernels", "DataSsl.Kernels.Above"), (arrow.From, arrow.To)));
        Assert.NotEmpty(picture.Wrong(arrows));
        // Neither does a floor know itself, nor is anything left out of the picture.
        Assert.Equal(2, new Picture("Kernels: Above, Kernels").Wrong(arrows).Count());
        Assert.Equal(2, new Picture("Kernels: Kernels").Wrong(arrows).Count());
    }
}
