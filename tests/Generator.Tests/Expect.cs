using DataSsl.Generator.Diagnostics;

namespace DataSsl.Generator.Tests;

/// <summary>Asserts the diagnostics of a file one by one; a failure shows those that are there, ready to paste.</summary>
internal sealed class Expect
{
    private readonly string text;
    private readonly List<DiagnosticInfo> left;

    private Expect(string text, IEnumerable<DiagnosticInfo> diagnostics) => (this.text, left) = (text, [.. diagnostics]);

    public static Expect Space(string text)
    {
        var parsed = SpaceCompiler.Parse("test.space.yaml", text);
        Assert.Equal(parsed.Diagnostics.Count == 0, parsed.Space is not null);
        return new(text, parsed.Diagnostics);
    }

    public static Expect Of(string text, IEnumerable<DiagnosticInfo> diagnostics) => new(text, diagnostics);

    /// <summary>One diagnostic with this id, message and text under its span; null for any.</summary>
    public Expect HaveDiagnostic(string id, string? message, string? underlined)
    {
        var found = left.FirstOrDefault(
            d => d.Id == id && (message is null || d.Message == message) && (underlined is null || Under(d) == underlined));
        Assert.True(found is not null, $"no such diagnostic; there are{string.Concat(left.Select(Show))}");
        left.Remove(found);
        return this;
    }

    public void Only() => Assert.True(left.Count == 0, $"more diagnostics:{string.Concat(left.Select(Show))}");

    private string Under(DiagnosticInfo d) => text.Substring(d.Location.Span.Start, d.Location.Span.Length);

    private string Show(DiagnosticInfo d) => $"\n    .HaveDiagnostic(\"{d.Id}\", \"{d.Message}\", \"{Under(d)}\")";
}
