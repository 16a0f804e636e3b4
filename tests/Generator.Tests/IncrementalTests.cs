using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using static Microsoft.CodeAnalysis.IncrementalStepRunReason;

namespace DataSsl.Generator.Tests;

/// <summary>What runs again after an edit, stage by stage.</summary>
public sealed class IncrementalTests
{
    private const string Tiny = TestSpaces.Tiny;

    private static readonly string Other = Tiny.Replace("Tiny", "Other");

    private const string Winner = "space: Tiny\narchitecture: Half\n";

    private static readonly (string Path, string Text)[] Files =
    [
        ("tiny.space.yaml", Tiny), ("other.space.yaml", Other), ("half.arch.yaml", Winner),
    ];

    [Fact]
    public void Every_stage_has_a_name_and_all_are_cached_when_nothing_changes()
    {
        var driver = Run(Driver.Create(Files));
        driver = driver.ReplaceAdditionalTexts([.. Files.Select(f => Text(f.Path, f.Text))]);
        driver = Run(driver);
        // Diagnostics have no outputs here, and so no step to look at.
        foreach (var stage in Stages().Where(s => s != TrackingNames.Diagnostics))
            Assert.All(driver.Reasons(stage), reason => Assert.True(reason is Cached or Unchanged, $"{stage}: {reason}"));
        Assert.Equal(
            Stages().Where(s => s != TrackingNames.Diagnostics).Order(),
            driver.GetRunResult().Results[0].TrackedSteps.Keys.Where(Stages().Contains).Order());
        Assert.All(driver.SourceReasons(), reason => Assert.Equal(Cached, reason));
    }

    [Fact]
    public void An_edit_of_the_projects_C_sharp_runs_no_stage()
    {
        var driver = Run(Driver.Create(Files)).RunGenerators(Driver.Compilation("class Edited { int x; }"));
        foreach (var stage in Stages()) Assert.All(driver.Reasons(stage), reason => Assert.Equal(Cached, reason));
        Assert.All(driver.SourceReasons(), reason => Assert.Equal(Cached, reason));
    }

    [Theory]
    [InlineData("# a comment\n")]
    [InlineData("\n\n")]
    public void A_comment_is_parsed_and_ends_there(string comment)
    {
        var driver = Edit(Run(Driver.Create(Files)), Tiny, comment + Tiny);
        Assert.Equal([Modified, Cached], driver.Reasons(TrackingNames.Files).Order());
        Assert.All(driver.Reasons(TrackingNames.Parsed), reason => Assert.True(reason is Unchanged or Cached));
        Assert.All(driver.Reasons(TrackingNames.Emitted), reason => Assert.Equal(Cached, reason));
        Assert.All(driver.SourceReasons(), reason => Assert.Equal(Cached, reason));
    }

    [Fact]
    public void An_edit_of_one_file_emits_that_one_again()
    {
        var driver = Edit(Run(Driver.Create(Files)), Other, Other.Replace("[4, 8]", "[4, 8, 12]"));
        Assert.Equal([Cached, Modified], driver.Reasons(TrackingNames.Emitted).OrderDescending());
        Assert.Equal([Unchanged], driver.Reasons(TrackingNames.Architectures));
        Assert.Equal([Cached], driver.Reasons(TrackingNames.Classes));
        Assert.Single(driver.SourceReasons(), Modified);
    }

    [Fact]
    public void A_file_that_comes_leaves_the_others_alone()
    {
        var driver = Run(Driver.Create(Files[0])).AddAdditionalTexts([Text("other.space.yaml", Other)]);
        driver = Run(driver);
        Assert.Equal([Cached, New], driver.Reasons(TrackingNames.Emitted).OrderByDescending(r => r));
        Assert.Equal(["CompiledSpaces.g.cs", "Other.g.cs", "Tiny.g.cs"], Hints(driver));
    }

    [Fact]
    public void A_file_that_goes_takes_its_output_along()
    {
        var driver = Run(Driver.Create(Files));
        driver = Run(driver.RemoveAdditionalTexts([Texts(driver)[1]]));
        Assert.Contains(Removed, driver.Reasons(TrackingNames.Files));
        Assert.Equal(["CompiledSpaces.g.cs", "Tiny.g.cs", "Tiny_Half.g.cs"], Hints(driver));
    }

    [Fact]
    public void A_mistake_moves_without_emitting_anything_again()
    {
        var driver = Run(Driver.Create(Files[0], ("bad.space.yaml", "space: 1\n")));
        driver = Edit(driver, "space: 1\n", "# moved\nspace: 1\n");
        Assert.All(driver.Reasons(TrackingNames.Diagnostics), reason => Assert.Equal(Modified, reason));
        Assert.All(driver.Reasons(TrackingNames.Emitted), reason => Assert.Equal(Cached, reason));
    }

    [Fact]
    public void An_option_changes_only_files_that_leave_their_namespace_open()
    {
        var open = Tiny.Replace("Tiny", "Open").Replace("namespace: Acme.Spaces\n", "");
        var driver = Run(Driver.Create(Files[0], ("open.space.yaml", open)));
        driver = Run(driver.WithUpdatedAnalyzerConfigOptions(new Driver.Properties(("DataSslNamespace", "Acme.Nets"))));
        Assert.Equal([Modified], driver.Reasons(TrackingNames.Options));
        Assert.Equal([Cached, Modified], driver.Reasons(TrackingNames.Emitted).OrderDescending());
        Assert.Contains("namespace Acme.Nets;", Source(driver, "Open.g.cs"));
        // New option objects with the old content change nothing.
        driver = Run(driver.WithUpdatedAnalyzerConfigOptions(new Driver.Properties(("DataSslNamespace", "Acme.Nets"))));
        Assert.Equal([Unchanged], driver.Reasons(TrackingNames.Options));
        Assert.All(driver.Reasons(TrackingNames.Parsed), reason => Assert.Equal(Cached, reason));
    }

    [Fact]
    public void Line_ends_do_not_matter()
    {
        var driver = Edit(Run(Driver.Create(Files)), Tiny, Tiny.Replace("\n", "\r\n"));
        Assert.All(driver.SourceReasons(), reason => Assert.Equal(Cached, reason));
        Assert.DoesNotContain('\r', Source(driver, "Tiny.g.cs"));
    }

    [Fact]
    public void Cultures_do_not_matter_and_two_runs_give_the_same_bytes()
    {
        var expected = Sources(Run(Driver.Create(Files)));
        var previous = CultureInfo.CurrentCulture;
        try
        {
            foreach (var culture in Cultures())
            {
                CultureInfo.CurrentCulture = culture;
                Assert.Equal(expected, Sources(Run(Driver.Create(Files))));
                Expect.Space(Tiny.Replace("depth: 1 }", "depth: -1 }")).HaveDiagnostic("DSG007", "'depth' must be at least 1, not -1", "-1")
                    .Only();
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = previous;
        }
    }

    /// <summary>What the pipeline keeps between runs must not keep a compilation alive.</summary>
    [Fact]
    public void Models_hold_nothing_of_the_compilers()
    {
        var result = Run(Driver.Create(Files)).GetRunResult().Results[0];
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        foreach (var stage in Stages().Where(result.TrackedSteps.ContainsKey))
            foreach (var output in result.TrackedSteps[stage].SelectMany(s => s.Outputs)) Walk(output.Value, stage, seen);
        Assert.True(seen.Count > 50);
    }

    private static void Walk(object? value, string path, HashSet<object> seen)
    {
        if (value is null || value is string || value.GetType().IsPrimitive || !seen.Add(value)) return;
        Assert.False(
            value is Compilation or ISymbol or SyntaxNode or SyntaxTree or Location or AdditionalText or SourceText
                    or YamlDotNet.Core.Events.ParsingEvent
                || IsDelegate(value), $"{path}: {value.GetType()}");
        // Descriptors are constants of ours.
        if (value is DiagnosticDescriptor) return;
        if (value is System.Collections.IEnumerable items)
            foreach (var item in items) Walk(item, path + "[]", seen);
        for (var type = value.GetType(); type is not null && type != typeof(object); type = type.BaseType)
            foreach (var field in
                type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                Walk(field.GetValue(value), $"{path}.{field.Name}", seen);
    }

    private static bool IsDelegate(object value) => value is Delegate;

    /// <summary>
    /// The signs and separators of Turkish, Persian and Finnish: with invariant globalization the system's own are not there.
    /// </summary>
    private static IEnumerable<CultureInfo> Cultures()
    {
        foreach (var (negative, point, group) in new[] { ("-", ",", "."), ("\u200e\u2212", "\u066b", "\u066c"), ("\u2212", ",", "\u00a0") })
        {
            var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            (culture.NumberFormat.NegativeSign, culture.NumberFormat.NumberDecimalSeparator,
                culture.NumberFormat.NumberGroupSeparator) = (negative, point, group);
            yield return culture;
        }
    }

    private static string[] Stages() => [.. typeof(TrackingNames).GetFields().Select(f => (string)f.GetRawConstantValue()!)];

    private static GeneratorDriver Run(GeneratorDriver driver) => driver.RunGenerators(Driver.Compilation("class C;"));

    private static GeneratorDriver Edit(GeneratorDriver driver, string from, string to)
    {
        var old = Texts(driver).Single(t => t.GetText()!.ToString() == from);
        return Run(driver.ReplaceAdditionalText(old, Text(old.Path, to)));
    }

    private static ImmutableArray<AdditionalText> Texts(GeneratorDriver driver) => Driver.Texts(driver);

    private static AdditionalText Text(string path, string text) => new Driver.MemoryText(path, text);

    private static string[] Hints(GeneratorDriver driver) =>
        [.. driver.GetRunResult().Results[0].GeneratedSources.Select(s => s.HintName).Order(StringComparer.Ordinal)];

    private static string Source(GeneratorDriver driver, string hint) =>
        driver.GetRunResult().Results[0].GeneratedSources.Single(s => s.HintName == hint).SourceText.ToString();

    private static (string, string)[] Sources(GeneratorDriver driver) =>
        [.. driver.GetRunResult().Results[0].GeneratedSources.Select(s => (s.HintName, s.SourceText.ToString()))];
}
