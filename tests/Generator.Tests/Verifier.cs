using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.CodeAnalysis;

namespace VerifyXunit;

/// <summary>
/// Stands in for the Verify.Xunit package with its call, its file names and its bytes, until the registry serves it: one verified file for
/// each emitted one, named Class.Method#Hint.verified.cs, UTF-8 with BOM. VERIFY_ACCEPT=1 accepts and fails once, so that an accept is
/// never taken for a pass.
/// </summary>
internal static class Verifier
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: true);

    /// <summary>Verifies every emitted file.</summary>
    public static Task Verify(GeneratorDriver driver, [CallerFilePath] string file = "", [CallerMemberName] string method = "")
    {
        var result = driver.GetRunResult();
        Assert.Empty(result.Diagnostics);
        var sources = result.Results.SelectMany(r => r.GeneratedSources).OrderBy(s => s.HintName, StringComparer.Ordinal);
        return Verify(
            sources.Select(s => ("#" + Path.GetFileNameWithoutExtension(s.HintName), $"//HintName: {s.HintName}\n{s.SourceText}")), file,
            method);
    }

    /// <summary>Verifies one text; the extension is always cs here.</summary>
    public static Task Verify(string target, string extension, [CallerFilePath] string file = "", [CallerMemberName] string method = "")
    {
        Assert.Equal("cs", extension);
        return Verify([("", target)], file, method);
    }

    private static Task Verify(IEnumerable<(string Name, string Text)> targets, string file, string method)
    {
        var directory = Path.GetDirectoryName(file)!;
        var prefix = $"{Path.GetFileNameWithoutExtension(file)}.{method}";
        foreach (var old in Files("received")) File.Delete(old);
        var accept = Environment.GetEnvironmentVariable("VERIFY_ACCEPT") == "1" && Environment.GetEnvironmentVariable("CI") is null;
        var (problems, content, stale) = (new List<string>(), new StringBuilder(), Files("verified").ToHashSet());
        foreach (var (name, actual) in targets)
        {
            var (verified, received) = (Path.Combine(directory, $"{prefix}{name}.verified.cs"),
                Path.Combine(directory, $"{prefix}{name}.received.cs"));
            var expected = File.Exists(verified) ? File.ReadAllText(verified).Replace("\r\n", "\n") : null;
            stale.Remove(verified);
            if (actual == expected) continue;
            File.WriteAllText(accept ? verified : received, actual, Utf8);
            problems.Add(
                $"{(expected is null ? "New" : "NotEqual")}:\n  - Received: {Path.GetFileName(received)}\n    Verified: {Path.GetFileName(verified)}");
            content.AppendLine(FirstDifference(expected ?? "", actual)).AppendLine($"mv '{received}' '{verified}'");
        }
        problems.AddRange(stale.Select(s => $"Delete:\n  - {Path.GetFileName(s)}"));
        Assert.True(problems.Count == 0, $"Directory: {directory}\n{string.Join('\n', problems)}\n\nFileContent:\n{content}");
        return Task.CompletedTask;

        IEnumerable<string> Files(string state) =>
            Directory.GetFiles(directory, $"{prefix}#*.{state}.cs").Concat(Directory.GetFiles(directory, $"{prefix}.{state}.cs"));
    }

    private static string FirstDifference(string expected, string actual)
    {
        var (old, @new) = (expected.Split('\n'), actual.Split('\n'));
        var at = Enumerable.Range(0, Math.Max(old.Length, @new.Length))
            .First(i => i >= old.Length || i >= @new.Length || old[i] != @new[i]);
        return string.Join('\n', old.Skip(at).Take(10).Select(l => "- " + l).Concat(@new.Skip(at).Take(10).Select(l => "+ " + l)));
    }
}
