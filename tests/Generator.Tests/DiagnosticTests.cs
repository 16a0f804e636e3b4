using DataSsl.Generator.Diagnostics;

namespace DataSsl.Generator.Tests;

/// <summary>Each diagnostic: its id, its words and the text of the file that it underlines.</summary>
public sealed class DiagnosticTests
{
    private const string Valid = TestSpaces.Tiny;

    [Theory]
    [InlineData("input: { channels: 3, size: 32 }", "input: { channels: 3, size: 32", "DSG001", null, null)]
    [
        InlineData(
            "stem: {", "stem: &a {", "DSG001", "YAML anchors are not part of the language; write the value out where it is needed", null),
    ]
    [InlineData("depth: 1 }", "depth: *a }", "DSG001", "aliases are not part of the language; write the value out", "*a")]
    [InlineData("depth: 1 }", "depth: !!int 1 }", "DSG001", "YAML tags are not part of the language", "!!int 1")]
    [InlineData("channels: 3", "chanels: 3", "DSG002", "unknown key 'chanels', did you mean 'channels'?", "chanels")]
    [InlineData("width: [4, 8], ", "", "DSG003", "stage 1 needs the key 'width'", "{ depth: { from: 1, to: 2 } }")]
    [InlineData("from: 8, ", "", "DSG003", "width needs the key 'from'", "{ to: 16, step: 4 }")]
    [InlineData("depth: 1 }", "depth: one }", "DSG004", "'depth' must be a whole number", "one")]
    [InlineData("depth: 1 }", "depth: 1.5 }", "DSG004", "'depth' must be a whole number", "1.5")]
    [InlineData("channels: 3", "channels: 17", "DSG016", "'channels' must be at most 16, not 17", "17")]
    [InlineData("channels: 3", "channels: 0", "DSG007", "'channels' must be at least 1, not 0", "0")]
    [InlineData("resolution: low", "resolution: tiny", "DSG004", "'resolution' must be low or standard", "tiny")]
    [InlineData("input: { channels: 3, size: 32 }", "input: 32", "DSG004", "'input' must be a mapping of keys to values", "32")]
    [InlineData("width: [4, 8]", "width: []", "DSG004", "'width' must be a list with at least one value", "[]")]
    [
        InlineData(
            "from: 8, to: 16", "from: 16, to: 8", "DSG005", "the range of 'width' is empty: it goes from 16 to 8",
            "{ from: 16, to: 8, step: 4 }"),
    ]
    [InlineData("step: 4", "step: 5", "DSG006", "the range of 'width' misses its end 16: it gives 8, 13", "5")]
    [InlineData("depth: 1 }", "depth: 0 }", "DSG007", "'depth' must be at least 1, not 0", "0")]
    [InlineData("[4, 8]", "[-4, 8]", "DSG007", "'width' must be at least 1, not -4", "-4")]
    [
        InlineData(
            "anchors:", "family: vit\nanchors:", "DSG008", "'family' is given twice; names that differ only in case count as one",
            "family"),
    ]
    [
        InlineData(
            "anchors:", "anchors:\n  half: { width: [8, 4, 6], depth: [2, 1] }", "DSG008",
            "'Half' is given twice; names that differ only in case count as one", "Half"),
    ]
    [InlineData("space: Tiny", "space: 2Tiny", "DSG009", "'2Tiny' is not a C# class name", "2Tiny")]
    [InlineData("Acme.Spaces", "Acme.class", "DSG009", "'Acme.class' is not a C# namespace", "Acme.class")]
    [
        InlineData(
            "family: resnet-bottleneck", "family: resnet-bottelneck", "DSG010",
            "unknown family 'resnet-bottelneck', did you mean 'resnet-bottleneck'?", "resnet-bottelneck"),
    ]
    [InlineData("[8, 4, 6]", "[8, 4, 17]", "DSG011", "anchor 'Half' has stage2 width 17, but the supernet has only 16", "17")]
    [InlineData("[8, 4, 6]", "[8, 4]", "DSG012", "'width' needs 3 values (stem, stage1, stage2), not 2", "[8, 4]")]
    [InlineData("[4, 8]", "[8, 4]", "DSG014", "the values of 'width' must ascend: 4 comes after 8", "4")]
    [InlineData("depth: 1 }", "depth: 100000 }", "DSG016", "'depth' must be at most 256, not 100000", "100000")]
    [
        InlineData(
            "depth: 1 }", "depth: 99999999999999999999 }", "DSG016", "'depth' must be at most 256, not 99999999999999999999",
            "99999999999999999999"),
    ]
    [InlineData("space: Tiny", "space: Arch", "DSG017", "'Arch' is a name that the generated code needs itself; choose another", "Arch")]
    [
        InlineData(
            "space: Tiny", "space: Bottleneck", "DSG017", "'Bottleneck' is a name that the generated code needs itself; choose another",
            "Bottleneck"),
    ]
    [
        InlineData(
            "space: Tiny", "space: Activation", "DSG017", "'Activation' is a name that the generated code needs itself; choose another",
            "Activation"),
    ]
    [
        InlineData(
            "space: Tiny", "space: layer1", "DSG017", "'layer1' is a name that the generated code needs itself; choose another", "layer1"),
    ]
    [InlineData("  Half:", "  Max:", "DSG017", "'Max' is a name that the generated code needs itself; choose another", "Max")]
    [
        InlineData(
            "anchors:", "constraints: [stage2.width > ]\nanchors:", "DSG018",
            "'stage2.width >' is not a constraint such as 'stage2.width >= stage1.width', 'stage1.depth <= 3' or 'width non-decreasing'",
            "stage2.width >"),
    ]
    [InlineData("anchors:", "constraints: [width growing]\nanchors:", "DSG018", null, "width growing")]
    [
        InlineData(
            "anchors:", "constraints: [stage2.width >= stage3.width]\nanchors:", "DSG019",
            "unknown axis 'stage3.width', did you mean 'stage1.width'?", "stage3.width"),
    ]
    [
        InlineData(
            "anchors:", "constraints: [widht non-decreasing]\nanchors:", "DSG019", "unknown axis 'widht', did you mean 'width'?", "widht"),
    ]
    [
        InlineData(
            "anchors:", "constraints:\n  - stage1.width >= 5\n  - stage2.width < stage1.width\nanchors:", "DSG020",
            "no architecture is left under the constraints up to this one", "stage2.width < stage1.width"),
    ]
    [
        InlineData(
            "anchors:", "budgets: { small: 4 }\nanchors:", "DSG022",
            "'4' is not a budget; give MACs such as 3-4G or <=600M, or parameters such as params<=25M", "4"),
    ]
    [
        InlineData(
            "anchors:", "budgets: { fast: 3-4G and 8-12ms }\nanchors:", "DSG022",
            "'3-4G and 8-12ms' limits latency, which a device has and a space has not: it belongs to 'search --budgets'; give MACs such as "
                + "3-4G or <=600M, or parameters such as params<=25M",
            "3-4G and 8-12ms"),
    ]
    [
        InlineData(
            "anchors:", "budgets: { small: 4-3G }\nanchors:", "DSG022",
            "'4-3G' is an empty budget: its end is not above its start; give MACs such as 3-4G or <=600M, or parameters such as "
                + "params<=25M",
            "4-3G"),
    ]
    [
        InlineData(
            "anchors:", "budgets: { small: 3-4G }\nanchors:", "DSG023",
            "no architecture is within the budget small (3-4G); the nearest cost 4,964,352", "3-4G"),
    ]
    [
        InlineData(
            "size: 32", "size: 1", "DSG024",
            "an input of 1 pixels is too small: Tiny shrinks its sides to 1/2, so it needs 2 pixels or more", "1"),
    ]
    public void Mistakes(string from, string to, string id, string? message, string? underlined) =>
        Expect.Space(Replace(from, to)).HaveDiagnostic(id, message, underlined).Only();

    [Fact]
    public void DSG013_Counts_beyond_64_bits()
    {
        var width = "{ from: 1, to: 1024 }";
        var text = $"space: Big\nfamily: resnet-bottleneck\nstem: {{ width: {width} }}\nstages:\n"
            + string.Concat(Enumerable.Repeat($"  - {{ width: {width}, depth: 1 }}\n", 6));
        Expect.Space(text)
            .HaveDiagnostic("DSG013", "the space holds more than 2^62 architectures", "- { width: { from: 1, to: 1024 }, depth: 1 }")
            .Only();
    }

    [Fact]
    public void DSG013_Costs_beyond_64_bits() => Expect.Space(
        "space: Big\nfamily: resnet-bottleneck\ninput: { size: 4096 }\nstem: { width: 16384 }\nstages:\n  - { width: 16384, depth: 256 }\n "
            + " - { width: 16384, depth: 256 }\n")
        .HaveDiagnostic("DSG013", "the largest network may cost more than 2^62 multiply-accumulates", "- { width: 16384, depth: 256 }")
            .Only();

    [Fact]
    public void DSG015_One_name_for_two_spaces()
    {
        var driver = Driver.Run(
            ("a.space.yaml", Valid), ("b.space.yaml", Valid.Replace("Tiny", "TINY")), ("c.space.yaml", Valid.Replace("Tiny", "Other")));
        var result = driver.GetRunResult();
        Assert.Equal(
            [
                "a.space.yaml: 'Tiny' is also declared in b.space.yaml; names that differ only in case count as one",
                "b.space.yaml: 'TINY' is also declared in a.space.yaml; names that differ only in case count as one",
            ],
            result.Diagnostics.Select(d => $"{d.Location.GetLineSpan().Path}: {d.GetMessage()}").Order());
        Assert.Equal(["CompiledSpaces.g.cs", "Other.g.cs"], result.Results[0].GeneratedSources.Select(s => s.HintName).Order());
    }

    [Fact]
    public void DSG021_Constraints_that_couple_everything()
    {
        var stages = string.Concat(Enumerable.Repeat("  - { width: { from: 1, to: 40 }, depth: { from: 1, to: 40 } }\n", 6));
        var constraints = string.Concat(
            from i in Enumerable.Range(1, 3)
            from kind in new[]
            {
                "width",
                "depth",
            }
            select $"  - stage{i}.{kind} != stage{7 - i}.{kind}\n");
        Expect.Space($"space: Big\nfamily: resnet-bottleneck\nstem: {{ width: 8 }}\nstages:\n{stages}constraints:\n{constraints}")
            .HaveDiagnostic(
                    "DSG021", "the constraints couple too many axes at once to count and number the space; drop some",
                    "stage3.depth != stage4.depth")
                .Only();
    }

    [Fact]
    public void DSG027_A_build_property_that_is_no_namespace()
    {
        var driver = Driver.Create(("tiny.space.yaml", Valid))
            .WithUpdatedAnalyzerConfigOptions(new Driver.Properties(("DataSslNamespace", "1.2")));
        var result = driver.RunGenerators(Driver.Compilation("class C;")).GetRunResult();
        Assert.Equal(
            "error DSG027: the build property DataSslNamespace is '1.2', which is not a C# namespace",
            result.Diagnostics.Single().ToString());
    }

    [Fact]
    public void All_mistakes_of_a_file_are_told_at_once_in_their_order_and_other_files_go_on()
    {
        const string text = "space: 1a\nfamily: resnet-bottleneck\ninput: { sise: 3 }\nstem: { width: 0 }\nstages:\n  - { width: [1, x], "
            + "depth: { from: 3, to: 2 } }\n  - 7\n";
        Expect.Space(text).HaveDiagnostic("DSG009", null, "1a").HaveDiagnostic("DSG002", null, "sise").HaveDiagnostic("DSG007", null, "0")
            .HaveDiagnostic("DSG004", null, "x").HaveDiagnostic("DSG005", null, "{ from: 3, to: 2 }").HaveDiagnostic("DSG004", null, "7")
                .Only();
        var result = Driver.Run(("bad.space.yaml", text), ("tiny.space.yaml", Valid)).GetRunResult();
        Assert.Equal(["CompiledSpaces.g.cs", "Tiny.g.cs"], result.Results[0].GeneratedSources.Select(s => s.HintName).Order());
        Assert.Equal(6, result.Diagnostics.Length);
    }

    [Fact]
    public void Places_are_those_of_the_compiler()
    {
        var parsed = SpaceCompiler.Parse("x.space.yaml", Replace("channels: 3", "chanels: 3").Replace("\n", "\r\n"));
        Assert.Equal("x.space.yaml(4,10): error DSG002: unknown key 'chanels', did you mean 'channels'?", parsed.Diagnostics[0].ToString());
    }

    /// <summary>Ids, the release-tracking file, the documentation page and these tests name the same set.</summary>
    [Fact]
    public void Every_diagnostic_is_released_documented_and_tested()
    {
        var descriptors = typeof(Descriptors).GetFields().Select(f => (Microsoft.CodeAnalysis.DiagnosticDescriptor)f.GetValue(null)!)
            .ToList();
        var release = File.ReadAllText(Path.Combine(TestSpaces.Root, "src/Generator/AnalyzerReleases.Unshipped.md"));
        var page = File.ReadAllText(Path.Combine(TestSpaces.Root, "docs/diagnostics.md"));
        var tests = string.Concat(
            Directory.GetFiles(Path.Combine(TestSpaces.Root, "tests/Generator.Tests"), "*Tests.cs").Select(File.ReadAllText));
        Assert.Equal(descriptors.Count, descriptors.Select(d => d.Id).Distinct().Count());
        foreach (var d in descriptors)
        {
            Assert.Contains($"{d.Id} | {d.Category} | Error | {d.Title}", release);
            Assert.Contains($"## {d.Id}", page);
            Assert.Contains($"{d.Id}", tests);
        }
    }

    private static string Replace(string from, string to)
    {
        Assert.Contains(from, Valid);
        return Valid.Replace(from, to);
    }
}
