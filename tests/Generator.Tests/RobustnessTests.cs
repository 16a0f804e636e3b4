using System.Diagnostics;
using DataSsl.Generator.Parsing;
using DataSsl.SearchSpaces;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace DataSsl.Generator.Tests;

/// <summary>
/// Whatever a file holds, the generator answers with a diagnostic at a place or with code, soon, and never with an exception.
/// </summary>
public sealed class RobustnessTests
{
    private const string Valid = TestSpaces.Tiny;

    [Fact]
    public void The_corpus_of_malformed_files()
    {
        Assert.True(Corpus().Distinct().Count() >= 60);
        foreach (var text in Corpus())
        {
            var clock = Stopwatch.StartNew();
            var result = Driver.Run(("bad.space.yaml", text), ("good.space.yaml", Valid)).GetRunResult().Results[0];
            Assert.True(result.Exception is null, $"{result.Exception}\n{Shown(text)}");
            Assert.True(result.Diagnostics.Any(d => d.Location.Kind == LocationKind.ExternalFile), $"no diagnostic:\n{Shown(text)}");
            Assert.Contains("Tiny.g.cs", result.GeneratedSources.Select(s => s.HintName));
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"took {clock.Elapsed}:\n{Shown(text)}");
        }
    }

    [Fact]
    public void Ten_thousand_mutated_files()
    {
        var (mutator, seen, valid) = (new Mutator(seed: 1), new HashSet<Space>(), 0);
        string[] seeds =
        [
            Valid, RichSpace.Text,
            .. Directory.GetFiles(Path.Combine(TestSpaces.Root, "spaces"), "*.space.yaml").Order(StringComparer.Ordinal)
                .Select(File.ReadAllText),
        ];
        for (var i = 0; i < 10_000; i++)
        {
            var text = mutator.Mutate(seeds[i % seeds.Length]);
            var parsed = Parse(text);
            Assert.True(parsed.Space is null == parsed.Diagnostics.Count > 0, Shown(text));
            if (parsed.Space is not { } space) continue;
            valid++;
            // Most mutants that are still valid say what an earlier one said; and the largest take the longest and show nothing new.
            if (seen.Count >= 300 || space.Axes.Sum(a => a.Values.Count + (a.Kind == "depth" ? a.Max : 0)) > 200 || !seen.Add(space))
                continue;
            var source = SpaceCompiler.EmitSupernet(space);
            Assert.Empty(CSharpSyntaxTree.ParseText(source).GetDiagnostics().Select(d => $"{d}\n{Shown(text)}"));
        }
        Assert.InRange(valid, 500, 9_500);
    }

    [Fact]
    public void Mutated_architecture_files()
    {
        var mutator = new Mutator(seed: 2);
        var files = Enumerable.Range(0, 500)
            .Select(
                i =>
                    ($"{i:000}.arch.yaml",
                        mutator.Mutate($"space: Tiny\narchitecture: stem=8 stage1=4x2 stage2=6x1\nclass: A{i}\nsize: 32\n")));
        var result = Driver.Run([("tiny.space.yaml", Valid), .. files]).GetRunResult().Results[0];
        Assert.Null(result.Exception);
        var reported = result.Diagnostics.Select(d => d.Location.GetLineSpan().Path).ToHashSet();
        Assert.True(reported.Count + result.GeneratedSources.Length >= 502);
    }

    private static ParsedSpace Parse(string text)
    {
        try
        {
            var clock = Stopwatch.StartNew();
            var parsed = SpaceCompiler.Parse("mutant.space.yaml", text);
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"took {clock.Elapsed}:\n{Shown(text)}");
            return parsed;
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            throw new InvalidOperationException($"the parser threw on:\n{Shown(text)}", e);
        }
    }

    private static string Shown(string text) => text.Length < 2000 ? text : text[..2000] + "…";

    /// <summary>Cut-off, hostile and merely wrong files.</summary>
    private static IEnumerable<string> Corpus()
    {
        foreach (var text in
            new[]
            {
                "",
                " ",
                "\n",
                "#",
                "\0",
                "\ufeff",
                "~",
                "7",
                "- 1",
                "[]",
                "{}",
                "a",
                "a:",
                ": a",
                "? a",
                "---",
                "--- \n---\n",
                "...",
                "%YAML 9.9\n---\na: 1",
                "%TAG ! x\n---\na: 1",
            })
            yield return text;
        foreach (var text in
            new[]
            {
                "{",
                "[",
                "\"",
                "'",
                "\"\\",
                "\"\\x",
                "\"\\U00110000\"",
                "\"\\ud800\"",
                "| \n a",
                ">-9\n a",
                "&",
                "*",
                "*a",
                "&a [*a]",
                "!",
                "!!",
                "!<",
                "@",
                "`",
                "\t- a",
                "a: b: c",
                "a\n b\n: c",
                "? [a]\n: b",
                "{a: 1, a: 2}",
            })
            yield return text;
        // Deep, wide, long and self-similar.
        yield return new string('[', 100_000);
        yield return new string('{', 100_000);
        yield return string.Concat(Enumerable.Repeat("- ", 50_000));
        yield return string.Concat(Enumerable.Repeat("? ", 50_000));
        yield return string.Concat(Enumerable.Range(0, 20_000).Select(i => $"k{i}: {i}\n"));
        yield return "a: " + new string('9', 200_000);
        yield return new string('a', 300_000);
        yield return "a: &a [x, x]\n"
            + string.Concat(Enumerable.Range(1, 40).Select(i => $"b{i}: &b{i} [{(i == 1 ? "*a, *a" : $"*b{i - 1}, *b{i - 1}")}]\n"));
        yield return Valid.Replace("depth: 1 }", "depth: &d 1 }").Replace("from: 1,", "from: *d,");
        // Enormous numbers in every place.
        foreach (var number in new[] { "2147483647", "2147483648", "9223372036854775808", "1e400", "-9999999999", ".inf", "1_000", "٣" })
        {
            yield return Valid.Replace("to: 16", $"to: {number}");
            yield return Valid.Replace("size: 32", $"size: {number}");
            yield return Valid.Replace("depth: 1 }", $"depth: {number} }}");
            yield return Valid.Replace("[8, 4, 6]", $"[8, 4, {number}]");
        }
        yield return Valid.Replace("{ from: 8, to: 16, step: 4 }", "{ from: 1, to: 16384 }");
        yield return Valid + "  Giant: { width: [" + string.Join(", ", Enumerable.Range(1, 20_000)) + "], depth: [1] }\n";
        yield return Valid + string.Concat(Enumerable.Range(0, 5_000).Select(i => $"  A{i}: {{ width: [8, 4, 6], depth: [2, 1] }}\n"));
        yield return Valid + "constraints: [" + string.Join(", ", Enumerable.Repeat("stage1.width <= stage2.width", 1_000)) + "]\n";
        yield return Valid + "budgets: { a: <=0M }\n";
        yield return Valid + "budgets: { a: 99999999999999999999999999999999999G }\n";
        // A valid file cut off at each of its lines but the last ones, which only lose the anchors.
        var lines = Valid.Split('\n');
        for (var i = 1; i < 7; i++) yield return string.Join('\n', lines.Take(i));
    }
}
